"""What the replay is given, and what should be stored after it."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from points.rules import Cause


class Line(NamedTuple):
    """An entry with its receipt and, if it is one, its refund; empty for a member without any."""

    entry_id: int
    cumulative: int
    recorded_at: datetime
    by_id: int
    receipt_id: int
    day: date
    amount: Decimal
    rate: int
    scheme_id: int
    refund: Decimal | None
    refunded_at: datetime


class Level(NamedTuple):
    """A row of `TierReached` without its key and its member."""

    tier: str
    rank: int
    path: str
    entry_id: int
    scheme_id: int
    day: date
    points: int
    amount: Decimal | None
    reached_on: date
    at_enrolment: bool
    withdrawn_by_id: int | None = None


class Review(NamedTuple):
    """A row of `TierReview` without its key, its member and its decision."""

    entry_id: int
    tier: str
    supported_tier: str
    approval__kind: str
    approval__requested_by: int


class Decision(NamedTuple):
    """What a manager decided: a fact that the replay takes as it is."""

    review_id: int
    entry_id: int
    decision: str
    decided_at: datetime


def level_of(cause: Cause, reached_on: date) -> Level:
    """The row that a level reached after enrolment should have."""
    return Level(
        tier=cause.tier.code,
        rank=cause.tier.rank,
        path=cause.path,
        entry_id=cause.entry_id,
        scheme_id=cause.scheme_id,
        day=cause.day,
        points=cause.points,
        amount=cause.yuan,
        reached_on=reached_on,
        at_enrolment=False,
    )
