"""Fills an empty database with an invented hospital and two years of its patients."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from desk.demo.histories import DAYS, Historian
from desk.demo.people import Inventor
from desk.demo.replay import Replay, events_of
from desk.demo.staffing import Staff, hire
from members.models import Membership, Patient
from points.models import Receipt
from scheme.operations.loading import load_scheme
from scheme.operations.publishing import publish
from scheme.queries import rules_of
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import User
from staff.models.user import SYSTEM_USERNAME
from staff.operations.roles import sync_roles
from staff.refusals import operation
from staff.rules import SHANGHAI, business_day

PATIENTS = 200
_FIRST, _SECOND = "qujing_dental.toml", "qujing_dental_both.toml"
_SCHEMES = Path(__file__).resolve().parents[2] / "schemes"
_SHIPPED_DAY = "effective_from = 2026-01-01"


@dataclass(frozen=True)
class Seeded:
    """How much was written."""

    patients: int
    members: int
    receipts: int


def is_empty() -> bool:
    """Whether nobody has used this database: no colleague, no patient."""
    colleagues = User.objects.exclude(username=SYSTEM_USERNAME)
    return not colleagues.exists() and not Patient.objects.exists()


@operation
def seed(*, seed: int, now: datetime, patients: int = PATIENTS) -> Seeded:
    """Write the demonstration: all of it or, refused or interrupted, nothing.

    Raises Refusal 409 on a database that is not empty.
    """
    if not is_empty():
        message = "数据库不是空的，演示数据只能写入空数据库；现有数据没有改动"
        raise Refusal("not_empty", 409, message)
    random = Random(seed)
    sync_roles()
    staff = hire(since=business_day(now) - timedelta(days=DAYS + 30))
    rules = _publish_schemes(staff, now)
    histories = Historian(random, now=now, rules=rules).write(patients)
    inventor = Inventor(random, today=business_day(now))
    events = [
        event
        for history in histories
        for event in events_of(inventor.invent(history.trait), history)
    ]
    Replay(staff, random).run(events)
    return Seeded(Patient.objects.count(), Membership.objects.count(), Receipt.objects.count())


def _publish_schemes(staff: Staff, now: datetime) -> Rules:
    """方案A from the beginning, both plans from 1 January of this year on (C3)."""
    first = (_SCHEMES / _FIRST).read_bytes()
    load_scheme(document=first, by=User.objects.system(), now=now)
    new_year = business_day(now).replace(month=1, day=1)
    # The change was decided in the old year: no version begins in the past.
    before = datetime.combine(new_year - timedelta(days=20), time(15), SHANGHAI)
    document = (_SCHEMES / _SECOND).read_text(encoding="utf-8")
    document = document.replace(_SHIPPED_DAY, f"effective_from = {new_year}")
    draft = load_scheme(document=document, by=staff.marketing, now=before).scheme
    if draft.published_at is None:
        draft = publish(
            scheme=draft, requested_by=staff.marketing, decided_by=staff.manager, now=before
        )
    return rules_of(draft.pk)
