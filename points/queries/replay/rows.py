"""What the replay is given, and what should be stored after it."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from points.rules import Cause


class Line(NamedTuple):
    """A receipt, a refund or legacy points, as the ledger has it.

    `file_id` is the file on the paper. `placed_at` and `place` say where it belongs: a corrected
    receipt stands where its first revision stood. `known_until` is when it was reversed, None
    while it holds. Legacy points have no receipt, `amount` is then their number.
    """

    file_id: int
    entry_id: int
    placed_at: datetime
    place: int
    known_from: datetime
    known_until: datetime | None
    by_id: int
    receipt_id: int | None
    day: date
    amount: Decimal
    rate: int
    scheme_id: int
    refund: Decimal | None
    refunded_at: datetime


class Member(NamedTuple):
    """A file's membership: its key and number, the day it holds from, when it was recorded."""

    file_id: int
    pk: int
    number: str
    joined_on: date
    enrolled_at: datetime


class Merge(NamedTuple):
    """One file gone into another, from one moment on until it was taken back."""

    absorbed_id: int
    kept_id: int
    known_from: datetime
    known_until: datetime | None


class Event(NamedTuple):
    """Something that changed the history of a file afterwards: its first and last entry."""

    file_id: int
    begins_at: datetime
    ends_at: datetime
    entry_id: int


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
    """What a manager decided on a question: a fact that the replay takes as it is.

    The question is known by its `place` in the history and by what it was about. `decided_at` is
    the database's time, `said_at` the application's, whose day and rules it follows.
    """

    file_id: int
    review_id: int
    place: int
    tier: str
    supported_tier: str
    decision: str
    decided_at: datetime
    said_at: datetime
    known_until: datetime | None


class Outcome(NamedTuple):
    """The levels and reviews that a history gives.

    `recovered` are the entries of reviews decided so that what the level gave comes back.
    """

    levels: list[Level]
    reviews: list[Review]
    recovered: Collection[int] = ()


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
