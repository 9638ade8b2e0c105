"""What entitlements are derived from: levels held, what was taken, children, what was bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from scheme.rules import ItemKind, Rules

Taking = Literal["issued", "claimed", "used"]


@dataclass(frozen=True, slots=True)
class HeldTier:
    """A level a member holds, from the day `since`, and the version it was reached by.

    `brings_once`: whether it brings what comes once: not where points of the system before led to
    it (C2), nor where a review left it and what the level above gave is not recovered (C18).
    """

    code: str
    rank: int
    since: date
    rules: Rules
    brings_once: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A published version, in force from the day `since` until the next one."""

    since: date
    rules: Rules


@dataclass(frozen=True, slots=True)
class Taken:
    """An entitlement that was issued, claimed or used, by its key; `child_id` of a child's item.

    `own` is False for what another member took for the same child. `expires_on` is the last day
    of a claimed service. `fact_id` is the row that says so.
    """

    item: str
    period: str
    ordinal: int
    child_id: int | None
    taking: Taking
    on: date
    fact_id: int
    own: bool = True
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the member's household, there since a day."""

    patient_id: int
    name: str
    birth_date: date
    since: date


@dataclass(frozen=True, slots=True)
class Bought:
    """What points bought, not cancelled; `expires_on` None without end (C11)."""

    redemption_id: int
    item: str
    kind: ItemKind
    quantity: int
    on: date
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Member:
    """All facts about one member that entitlements follow from.

    `held_above`: while a level is under review, what the levels above this rank bring is held
    (C18); None without a review.
    """

    tiers: Sequence[HeldTier] = ()
    taken: Sequence[Taken] = ()
    children: Sequence[Child] = ()
    bought: Sequence[Bought] = ()
    held_above: int | None = None
