"""Everybody who can join and has not, with what was answered when they were asked (R26, R58)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from scheme.rules import Rules

WAITING, AGREED, LATER, DECLINED = "waiting", "agreed", "later", "declined"
TABS = (WAITING, AGREED, LATER, DECLINED)
JOINABLE_A_PAGE = 50

# Points never stand below what the receipts of one day come to: the total alone decides about
# most files, and few are left whose days are added up.
_REACHING = """
    SELECT account.patient_id AS id, account.cumulative,
           account.cumulative >= %(cumulative)s AS sure
      FROM points_pointsaccount account
     WHERE account.cumulative >= %(one_time)s
       AND NOT EXISTS (SELECT FROM merged WHERE id = account.patient_id)
       AND NOT EXISTS (SELECT FROM members_membership WHERE patient_id = account.patient_id)
"""
_EVERYONE = """
    SELECT patient.id, coalesce(account.cumulative, 0) AS cumulative, true AS sure
      FROM members_patient patient
      LEFT JOIN points_pointsaccount account ON account.patient_id = patient.id
     WHERE patient.merged_into_id IS NULL
       AND NOT EXISTS (SELECT FROM members_membership WHERE patient_id = patient.id)
"""
_LISTED = """
WITH merged AS MATERIALIZED (
    SELECT id, merged_into_id AS root FROM members_patient WHERE merged_into_id IS NOT NULL
),
candidate AS MATERIALIZED ({candidates}),
others AS MATERIALIZED (
    SELECT root, array_agg(id) AS files FROM merged GROUP BY root
),
talk AS (
    SELECT DISTINCT ON (root) coalesce(merged.root, patient_id) AS root, outcome, ask_again_on
      FROM members_jointalk said LEFT JOIN merged ON merged.id = patient_id
     ORDER BY root, talked_at DESC, said.id DESC
),
listed AS MATERIALIZED (
    SELECT candidate.id, cumulative, ask_again_on,
           CASE WHEN outcome IS NULL OR ask_again_on <= %(today)s THEN 'waiting'
                ELSE outcome END AS tab
      FROM candidate
      LEFT JOIN talk ON talk.root = candidate.id
      LEFT JOIN others ON others.root = candidate.id
     WHERE sure OR EXISTS (
           SELECT FROM points_receipt
            WHERE NOT voided AND patient_id = ANY(candidate.id || others.files)
            GROUP BY day HAVING {one_time}(net_points) >= %(one_time)s)
)
SELECT (SELECT jsonb_object_agg(tab, number)
          FROM (SELECT tab, count(*) AS number FROM listed GROUP BY tab) counted),
       ARRAY(SELECT id FROM listed WHERE tab = %(tab)s
              ORDER BY ask_again_on NULLS LAST, cumulative DESC, id
              LIMIT %(size)s OFFSET (
                  SELECT least(%(page)s - 1, greatest(count(*) - 1, 0) / %(size)s) * %(size)s
                    FROM listed WHERE tab = %(tab)s))
"""


@dataclass(frozen=True, slots=True)
class Joinable:
    """One page of a tab: the files of people who can join, and how many there are a tab.

    Who is to be asked again comes first, then whoever has most points.
    """

    patient_ids: Sequence[int]
    counts: Mapping[str, int]


def joinable(
    rules: Rules, *, tab: str, page: int, today: date, size: int = JOINABLE_A_PAGE
) -> Joinable:
    """Who can join today by these rules, by what was answered last; one statement.

    The same people as `Standing.can_enrol`, `size` a page. A page after the last is the last.
    """
    lowest = rules.tiers[0]
    everyone = rules.enrol_rule == "everyone"
    one_time = "sum" if rules.one_time_scope == "day" else "max"
    given: dict[str, int | str | bool | date] = {
        "one_time": lowest.one_time,
        "cumulative": lowest.cumulative,
        "today": today,
        "tab": tab,
        "size": size,
        "page": page,
    }
    statement = _LISTED.format(candidates=_EVERYONE if everyone else _REACHING, one_time=one_time)
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        counts, patient_ids = cursor.fetchone()
    known = json.loads(counts or "{}")
    return Joinable(patient_ids, {name: known.get(name, 0) for name in TABS})
