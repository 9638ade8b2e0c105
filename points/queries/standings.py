from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from points.queries.changeover import waiting
from points.rules import OneTime, VisitDay, best_points, points_on
from scheme.rules import Rules, TierRule, can_enrol, missing_to_enrol, tier_for

# One row a patient: the change-over that may not have reached the account yet, membership,
# level held, totals, and the receipts of each visit day.
_STANDINGS = """
SELECT (SELECT id FROM scheme_scheme version
         WHERE effective_from <= %(day)s AND points_changes_over(version)
         ORDER BY effective_from DESC LIMIT 1),
       patient.id, member.id, held.tier, coalesce(held.rank, 0),
       coalesce(account.cumulative, 0), coalesce(account.available, 0),
       visit.days, visit.points, visit.yuan, visit.top_points, visit.top_yuan
  FROM unnest(%(patients)s::bigint[]) AS patient (id)
  LEFT JOIN members_membership member ON member.patient_id = patient.id
  LEFT JOIN points_pointsaccount account ON account.patient_id = patient.id
  LEFT JOIN LATERAL (
       SELECT tier, rank FROM points_tierreached
        WHERE membership_id = member.id AND withdrawn_by_id IS NULL AND restated_by_id IS NULL
        ORDER BY rank DESC LIMIT 1) held ON true
  LEFT JOIN LATERAL (
       SELECT array_agg(day) AS days, array_agg(points) AS points, array_agg(yuan) AS yuan,
              array_agg(top_points) AS top_points, array_agg(top_yuan) AS top_yuan
         FROM (SELECT day, sum(net_points)::bigint AS points,
                      sum(net_amount) AS yuan,
                      max(net_points) AS top_points, max(net_amount) AS top_yuan
                 FROM points_receipt
                WHERE NOT voided AND patient_id = ANY(patient.id || ARRAY(
                      SELECT id FROM members_patient WHERE merged_into_id = patient.id))
                GROUP BY day ORDER BY day) AS by_day) visit ON true
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a patient stands: totals in points, level held, what each visit day came to.

    Files that were merged into this one count in (C40).
    """

    patient_id: int
    membership_id: int | None
    tier: str | None
    rank: int
    cumulative: int
    available: int
    visits: tuple[VisitDay, ...]

    def can_enrol(self, rules: Rules) -> bool:
        """Whether the patient may join now; False for members (R26)."""
        if self.membership_id is not None:
            return False
        return can_enrol(rules, one_time=self.one_time(rules), cumulative=self.cumulative)

    def missing(self, rules: Rules, today: date) -> int:
        """Points missing to join; 0 when joining is possible."""
        if self.membership_id is not None or self.can_enrol(rules):
            return 0
        paid = self.begun_today(rules, today)
        return missing_to_enrol(rules, today=paid, cumulative=self.cumulative)

    def supported_tier(self, rules: Rules) -> TierRule | None:
        """The level that the net receipts and points of now support (C18)."""
        return tier_for(rules, one_time=self.one_time(rules), cumulative=self.cumulative)

    @property
    def before_visits(self) -> int:
        """Points of the system before (C2): what the visits don't account for."""
        return self.cumulative - sum(visit.total.points for visit in self.visits)

    def one_time(self, rules: Rules) -> int:
        """Points of the largest 一次性消费 (C16); 0 without any."""
        return best_points(self.visits, rules.one_time_scope)

    def begun_today(self, rules: Rules, today: date) -> int:
        """Points of today that the next receipt adds to; 0 where each stands alone (C16)."""
        return points_on(self.visits, today) if rules.one_time_scope == "day" else 0


def standings(patient_ids: Collection[int], *, day: date | None = None) -> dict[int, Standing]:
    """Where these patients stand, by patient; one statement for any number of them.

    Points from before 方案B that only the next entry will carry over are available from the first
    business day on (C3): one statement more while 方案B began so. Without `day`, the posted ones.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, {"patients": list(patient_ids), "day": day})
        rows = cursor.fetchall()
    begun = rows[0][0] if rows else None
    carried = waiting(begun, patient_ids) if begun else Counter[int]()
    return {row[1]: _standing(carried[row[1]], *row[1:]) for row in rows}


def standing(patient_id: int, *, day: date | None = None) -> Standing:
    """Where one patient stands, `day` as for `standings`."""
    return standings([patient_id], day=day)[patient_id]


def _standing(carried: int, *row: Any) -> Standing:
    patient_id, membership_id, tier, rank, cumulative, posted, *visits = row
    available = posted + carried
    return Standing(patient_id, membership_id, tier, rank, cumulative, available, _visits(*visits))


def _visits(*columns: Any) -> tuple[VisitDay, ...]:
    if columns[0] is None:
        return ()
    return tuple(
        VisitDay(OneTime(day, points, yuan), OneTime(day, top_points, top_yuan))
        for day, points, yuan, top_points, top_yuan in zip(*columns, strict=True)
    )
