"""A draft worked through a million receipts, beside the version in force, step by step."""

import resource
import time
from dataclasses import replace
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from rewards.operations.simulation import advance_simulation, begin_simulation
from scheme.models import Scheme
from scheme.operations.storing import store_draft
from scheme.queries import rules_of
from staff.models import User
from staff.rules import business_day
from tests.bench.ground import PAID_AT

AIM = 60.0
STEP_AIM = 1.0
# Every second member was there before the first receipt, the others join after the last one.
_JOINED_EARLY = """
UPDATE members_membership SET joined_on = %(day)s, signed_on = %(day)s, enrolled_at = %(day)s
 WHERE id %% 2 = 0
"""
_RATE = 16


def measure(*, scheme: int, by: User) -> None:
    """Print how long both columns take over all receipts, the longest step, and the time of
    this process alone; everybody must be a member already."""
    first_day = date.fromisoformat(PAID_AT[:10]) - timedelta(days=800)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(_JOINED_EARLY, {"day": first_day})
    now = timezone.now()
    # So many points a yuan that members stand on every level.
    planned = replace(
        rules_of(scheme),
        version_id=None,
        effective_from=business_day(now) + timedelta(days=1),
        points_per_yuan=_RATE,
    )
    draft = store_draft(planned, instead_of=None, by=by, now=now)
    beside = Scheme.objects.get(pk=scheme)
    began, busy, longest = time.perf_counter(), _busy(), 0.0
    found = begin_simulation(
        draft=draft, beside=beside, from_on=first_day, to_on=business_day(now), by=by, now=now
    )
    while found.finished_at is None:
        step = time.perf_counter()
        found = advance_simulation(simulation_id=found.pk, now=now)
        longest = max(longest, time.perf_counter() - step)
    took = time.perf_counter() - began
    print(f"  方案模拟 {found.done:,} 位会员：{took:.1f} 秒，目标 {AIM:.0f} 秒以内")
    print(
        f"  其中程序本身 {_busy() - busy:.1f} 秒；最长一步 {longest:.2f} 秒，目标 {STEP_AIM:.0f} 秒"
    )


def _busy() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
