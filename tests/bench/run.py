"""The order of the measurements, on a database set up as the product sets it up."""

from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from scheme.models import Scheme
from staff import roles
from staff.models import User
from staff.operations.people import create_api_token
from tests.bench import api, ground, importing, people, posting, searching, simulating, unclaimed

FEW = 10_000
MANY = 1_000_000


def all_figures(url: str, folder: Path) -> None:
    """Print every figure: posting with few entries and with many, searches, API, import."""
    system, scheme = _set_up()
    now = timezone.now()
    with ground.connect(url) as bare:
        ground.grow(bare, low=1, high=FEW, scheme=scheme.pk, by=system.pk)
        few = posting.compare(bare, by=system, now=now, prefix="F")
        ground.grow(bare, low=FEW + 1, high=MANY, scheme=scheme.pk, by=system.pk)
        many = posting.compare(bare, by=system, now=now, prefix="M")
        print(f"  (b) {MANY:,} 行时与 {FEW:,} 行时之比：{many / few:.2f}")
        searching.measure()
        token = create_api_token(name="bench", role=roles.HIS, now=now)
        api.measure(url, token, now=now, prefix="A")
        importing.measure(bare, url, folder, scheme=scheme.pk, by=system.pk, now=now)
    unclaimed.measure(scheme=scheme.pk, by=system)
    simulating.measure(scheme=scheme.pk, by=system)


def _set_up() -> tuple[User, Scheme]:
    call_command("migrate", verbosity=0)
    call_command("sync_roles", verbosity=0)
    call_command("load_scheme", "schemes/qujing_dental.toml", verbosity=0)
    system = User.objects.system()
    people.open_files(by=system, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return system, Scheme.objects.published().get()
