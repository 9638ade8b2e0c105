"""The list of what is not collected and of what is about to lapse, over 100,000 members."""

import statistics
import time
from datetime import date

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from staff.models import User
from tests.bench.ground import PATIENTS
from tests.factories.staff import user

ROUNDS = 7
AIM = 1_000.0

# Every file a member on one of the four levels, some by way of the lower ones; most have what
# they were due. Written past the triggers: only what the list reads has to be there.
_MEMBERS = """
INSERT INTO members_membership (patient_id, number, document_type, document_index,
       accepts_follow_up, accepts_post, accepts_activities, guardian_name, guardian_relation,
       guardian_phone, signed_on, joined_on, enrolled_by_id)
SELECT id, 'L' || id, 'resident_id', 'L' || id, true, false, true, '', '', '', %(day)s, %(day)s,
       %(by)s
  FROM members_patient
 WHERE NOT EXISTS (SELECT FROM members_membership WHERE patient_id = members_patient.id)
"""
_LEVELS = """
INSERT INTO points_tierreached (membership_id, tier, rank, path, entry_id, scheme_id, day, points,
       reached_on, at_enrolment)
SELECT member.id, (ARRAY['ordinary', 'senior', 'vip', 'diamond'])[rank], rank, 'cumulative', 0,
       %(scheme)s, on_day, 0, on_day, false
  FROM members_membership member
 CROSS JOIN generate_series(1, 1 + member.id %% 4) rank
 CROSS JOIN LATERAL (SELECT %(day)s::date - (member.id * 7 %% 900)::int + rank::int AS on_day) came
 WHERE member.number LIKE 'L%%' AND (rank = 1 + member.id %% 4 OR member.id %% 3 > 0)
"""
_ISSUES = """
INSERT INTO rewards_issue (membership_id, item_id, period, ordinal, given_item_id, issued_at,
       slip_number, by_id)
SELECT reached.membership_id, benefit.item_id, 'once:' || reached.tier, 1, benefit.item_id, now(),
       'Z', %(by)s
  FROM points_tierreached reached
  JOIN scheme_tierrule rule ON rule.scheme_id = reached.scheme_id AND rule.code = reached.tier
  JOIN scheme_tierbenefit benefit ON benefit.tier_id = rule.id AND benefit.cycle = 'once'
  JOIN scheme_item item ON item.id = benefit.item_id AND item.kind = 'gift'
 WHERE reached.membership_id %% 5 > 0
"""
_USES = """
INSERT INTO rewards_use (membership_id, item_id, period, ordinal, scheme_id, kind, beneficiary_id,
       tooth, bearer, fee_waived, as_vip, used_at, imported_in_id, slip_number, by_id)
SELECT reached.membership_id, benefit.item_id, %(year)s, 1, reached.scheme_id, 'own',
       member.patient_id, '', 'marketing', false, false, now(), 0, '', %(by)s
  FROM points_tierreached reached
  JOIN members_membership member ON member.id = reached.membership_id
  JOIN scheme_tierrule rule ON rule.scheme_id = reached.scheme_id AND rule.code = reached.tier
  JOIN scheme_tierbenefit benefit ON benefit.tier_id = rule.id AND benefit.cycle = 'yearly'
 WHERE reached.membership_id %% 2 > 0
    ON CONFLICT DO NOTHING
"""


def measure(*, scheme: int, by: User) -> None:
    """Print how long the page takes: gifts, services of this year, and what lapses in 90 days."""
    _fill(scheme, by)
    client = Client(headers={"host": "localhost"})
    client.force_login(user("前台"), backend="staff.backends.RoleBackend")
    slowest = 0.0
    for title, query in (
        ("未领的礼品", ""),
        ("未用的服务（今年）", "?tab=services"),
        ("未用的服务（90 天内）", "?tab=services&within=90"),
        ("未领的礼品 第 99 页", "?page=99"),
    ):
        times = _times(client, reverse("unclaimed") + query)
        slowest = max(slowest, statistics.median(times))
        print(f"  {title:<16} {min(times):6.0f} / {statistics.median(times):6.0f} ms")
    print(f"  {PATIENTS:,} 位会员中最慢一种的中位数 {slowest:.0f} ms，目标 {AIM:.0f} ms 以内")


def _fill(scheme: int, by: User) -> None:
    today: date = timezone.localdate()
    given: dict[str, int | str | date] = {
        "scheme": scheme,
        "by": by.pk,
        "day": today,
        "year": str(today.year),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in (_MEMBERS, _LEVELS, _ISSUES, _USES):
            cursor.execute(statement, given)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _times(client: Client, address: str) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert client.get(address).status_code == 200
        times.append((time.perf_counter() - began) * 1000)
    return times
