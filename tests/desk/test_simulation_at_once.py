"""One simulation worked off from several windows at once, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from rewards.models import Simulation
from rewards.operations.simulation import advance_simulation, begin_simulation
from rewards.queries import simulation as queries
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import member
from tests.factories.scheme import draft

pytestmark = pytest.mark.usefixtures("committing")

MEMBERS = 12


def drive(pk: int) -> None:
    """Step on until nothing is left, as a window does."""
    try:
        while advance_simulation(simulation_id=pk, now=timezone.now()).finished_at is None:
            pass
    finally:
        connection.close()


def test_several_windows_count_every_member_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "ENTRIES_AT_ONCE", 1)
    changed = draft("qujing_dental", effective_from="2026-01-01", points_per_yuan="4")
    for _ in range(MEMBERS):
        member(patient(), "1500")
    now = timezone.now()
    begun = begin_simulation(
        draft=changed,
        beside=None,
        from_on=date(2000, 1, 1),
        to_on=business_day(now),
        by=User.objects.system(),
        now=now,
    )
    with ThreadPoolExecutor(4) as windows:
        list(windows.map(drive, [begun.pk] * 4))
    done = Simulation.objects.get(pk=begun.pk)
    assert done.result and done.result["members"] == done.done == MEMBERS
    assert done.moves.count() == MEMBERS
