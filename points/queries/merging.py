"""What two files come to when they become one, and what each takes along when they part (C40)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from points.models import Receipt
from points.queries.replay import NOW, Level, Versions, facts_of
from points.queries.standings import Standing, standings

# What has no paper counts for the account on which it was posted.
_SHARE = """
SELECT coalesce(sum(cumulative_delta), 0)::bigint, coalesce(sum(available_delta), 0)::bigint
  FROM points_pointsentry
 WHERE recorded_at < %(before)s
   AND (account_id = ANY(%(files)s) AND kind IN ('redeem', 'redeem_cancel', 'late_earn', 'goodwill')
     OR reference IN (
        SELECT reference FROM points_receipt WHERE patient_id = ANY(%(files)s)
        UNION ALL
        SELECT refund.reference FROM points_refund refund
          JOIN points_receipt paid ON paid.id = receipt_id WHERE patient_id = ANY(%(files)s)
        UNION ALL
        SELECT correction.reference FROM points_correction correction
          JOIN points_receipt paid ON paid.id = receipt_id WHERE patient_id = ANY(%(files)s)
        UNION ALL
        SELECT reference FROM points_legacybalance
         WHERE patient_id = ANY(%(files)s) AND NOT rejected))
"""


@dataclass(frozen=True, slots=True)
class Share:
    """What a file brings along or takes along, in points."""

    cumulative: int
    available: int


def share_of(file_ids: Collection[int], *, before: datetime = NOW) -> Share:
    """What the papers of these files gave, on whatever account it stands."""
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, {"files": list(file_ids), "before": before})
        return Share(*cursor.fetchone())


@dataclass(frozen=True, slots=True)
class MergePreview:
    """Two files and what they would be as one: points, and the levels that follow.

    `levels` are those of the one person, the highest last; empty for someone who is no member.
    """

    kept: Standing
    absorbed: Standing
    kept_receipts: int
    absorbed_receipts: int
    cumulative: int
    available: int
    levels: tuple[Level, ...]

    @property
    def tier(self) -> str | None:
        """The code of the level that the one person would hold."""
        held = [level for level in self.levels if level.withdrawn_by_id is None]
        return max(held, key=lambda level: level.rank).tier if held else None


def merge_preview(kept_id: int, absorbed_id: int) -> MergePreview:
    """What a merge of these files would come to."""
    stands = standings([kept_id, absorbed_id])
    kept, absorbed = stands[kept_id], stands[absorbed_id]
    facts = facts_of([kept_id, absorbed_id]).as_if_merged(kept_id, absorbed_id)
    return MergePreview(
        kept=kept,
        absorbed=absorbed,
        kept_receipts=_receipts(kept_id),
        absorbed_receipts=_receipts(absorbed_id),
        cumulative=kept.cumulative + absorbed.cumulative,
        available=kept.available + absorbed.available,
        levels=tuple(facts.outcome(kept_id, NOW, Versions()).levels),
    )


def _receipts(file_id: int) -> int:
    return Receipt.objects.filter(patient=file_id, voided=False).count()
