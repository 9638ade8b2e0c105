"""What two files come to when they become one, and what each takes along when they part (C40)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from members.models import FileMerge
from points.queries.replay import NOW, Level, Versions, facts_of
from points.queries.standings import Standing, standings
from points.rules import together
from scheme.rules import Rules

# What has no paper counts for the account on which it was posted; points given back, for the one
# that had spent them; what was carried over to 方案B, for the file whose papers gave it.
_SHARE = """
SELECT coalesce(sum(cumulative_delta), 0)::bigint, coalesce(sum(available_delta), 0)::bigint
  FROM points_pointsentry
 WHERE recorded_at < %(before)s
   AND (account_id = ANY(%(files)s) AND kind IN ('redeem', 'late_earn', 'goodwill')
     OR reference IN (
        SELECT replace(reference, 'redemption:', 'redemption_cancel:') FROM points_pointsentry
         WHERE account_id = ANY(%(files)s) AND kind = 'redeem'
        UNION ALL
        SELECT format('changeover:%%s:%%s', version.id, file.id)
          FROM scheme_scheme version, unnest(%(files)s::bigint[]) AS file (id)
        UNION ALL
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
    cumulative: int
    available: int
    levels: tuple[Level, ...]

    def can_enrol(self, rules: Rules) -> bool:
        """Whether the one person may join; False where the kept file is a member's (R26)."""
        visits = together(*self.kept.visits, *self.absorbed.visits)
        one = replace(self.kept, cumulative=self.cumulative, visits=visits)
        return one.can_enrol(rules)

    @property
    def tier(self) -> str | None:
        """The code of the level that the one person would hold."""
        return _highest(self.levels)


@dataclass(frozen=True, slots=True)
class Parted:
    """What one of two files would have if they parted: its points, and its levels."""

    cumulative: int
    available: int
    levels: tuple[Level, ...]

    @property
    def tier(self) -> str | None:
        """The code of the level that would be held."""
        return _highest(self.levels)


def undo_preview(merge: FileMerge) -> tuple[Parted, Parted]:
    """What the kept and the absorbed file would have if a merge that holds were taken back."""
    facts = facts_of([merge.kept_id]).as_if_parted(merge.kept_id, merge.absorbed_id)
    together = standings([merge.kept_id])[merge.kept_id]
    goes = share_of(facts.family(merge.absorbed_id, NOW))
    stays = Share(together.cumulative - goes.cumulative, together.available - goes.available)
    versions = Versions()
    kept, absorbed = (
        Parted(
            share.cumulative,
            share.available,
            tuple(facts.outcome(file_id, NOW, versions).levels),
        )
        for file_id, share in ((merge.kept_id, stays), (merge.absorbed_id, goes))
    )
    return kept, absorbed


def _highest(levels: Iterable[Level]) -> str | None:
    held = [level for level in levels if level.withdrawn_by_id is None]
    return max(held, key=lambda level: level.rank).tier if held else None


def merge_preview(kept_id: int, absorbed_id: int) -> MergePreview:
    """What a merge of these files would come to."""
    stands = standings([kept_id, absorbed_id])
    kept, absorbed = stands[kept_id], stands[absorbed_id]
    facts = facts_of([kept_id, absorbed_id]).as_if_merged(kept_id, absorbed_id)
    return MergePreview(
        kept=kept,
        absorbed=absorbed,
        cumulative=kept.cumulative + absorbed.cumulative,
        available=kept.available + absorbed.available,
        levels=tuple(facts.outcome(kept_id, NOW, Versions()).levels),
    )
