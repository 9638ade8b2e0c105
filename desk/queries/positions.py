"""Where patients stand, in the words of the rules in force."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from points.models import PointsEntry, TierReached
from points.queries import Standing, standings
from points.rules import cause_sentence
from scheme.queries import rules_on
from scheme.rules import Missing, Rules, TierRule, missing_to_next
from staff.rules import business_day

_MERGES = (PointsEntry.Kind.MERGE_IN, PointsEntry.Kind.MERGE_OUT)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a patient stands, in the words of the rules in force; points throughout."""

    stand: Standing
    rules: Rules | None
    tier: TierRule | None
    can_enrol: bool
    missing_to_join: int
    next_level: Missing | None

    @property
    def is_member(self) -> bool:
        return self.stand.membership_id is not None


def positions(patient_ids: Collection[int], *, today: date) -> dict[int, Position]:
    """Where these patients stand today, by patient; two statements for any number of them."""
    rules = rules_on(today)
    stands = standings(patient_ids, day=today)
    return {patient: _position(stand, rules, today) for patient, stand in stands.items()}


def position(patient_id: int, *, today: date) -> Position:
    """Where one patient stands today."""
    return positions([patient_id], today=today)[patient_id]


def _position(stand: Standing, rules: Rules | None, today: date) -> Position:
    if rules is None:
        return Position(stand, None, None, False, 0, None)
    return Position(
        stand=stand,
        rules=rules,
        tier=rules.tier(stand.tier) if stand.tier else None,
        can_enrol=stand.can_enrol(rules),
        missing_to_join=stand.missing(rules, today),
        next_level=missing_to_next(
            rules,
            stand.tier,
            today=stand.begun_today(rules, today),
            cumulative=stand.cumulative,
        ),
    )


@dataclass(frozen=True, slots=True)
class LevelReached:
    """A level with the sentence that says when and how it was reached.

    `restated_on`: the day of a correction, or of a merge, after which it no longer follows.
    """

    name: str
    code: str
    since: date
    sentence: str
    withdrawn: bool
    restated_on: date | None = None
    restated_by: str = ""

    @property
    def is_held(self) -> bool:
        return not self.withdrawn and self.restated_on is None


def levels_of(membership_id: int, rules: Rules) -> tuple[LevelReached, ...]:
    """Every level a member reached, the newest first, with those that are no longer held (R5)."""
    rows = TierReached.objects.filter(membership=membership_id).select_related("restated_by")
    return tuple(level_reached(row, rules) for row in rows.order_by("-pk"))


def level_reached(row: TierReached, rules: Rules) -> LevelReached:
    """One level reached, in the words of `rules`."""
    tier = rules.tier(row.tier)
    sentence = cause_sentence(
        tier=tier.name,
        lowest=tier.rank == rules.tiers[0].rank,
        path=row.path,
        day=row.day,
        points=row.points,
        yuan=row.amount,
    )
    restating = row.restated_by
    return LevelReached(
        name=tier.name,
        code=tier.code,
        since=row.reached_on,
        sentence=sentence,
        withdrawn=row.withdrawn_by_id is not None,
        restated_on=business_day(restating.recorded_at) if restating else None,
        restated_by="合并" if restating and restating.kind in _MERGES else "更正",
    )
