"""Facts of a member in memory, and what follows from them in few words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from rewards.rules import Child, Entitlement, HeldTier, Member, State, Taken, Taking, Version
from rewards.rules import due as due_of
from rewards.rules import entitlements as entitlements_of
from scheme.rules import Rules
from tests.factories.scheme import rules

RULES = replace(rules(), version_id=1)
SINCE_2013 = [Version(date(2013, 10, 1), RULES)]
# What each level of the document brings (S2:28-44): once, and anew each year.
ONCE = {
    "ordinary": {"gift_10": 1},
    "senior": {"gift_50": 1, "facial_care": 1},
    "vip": {"gift_100": 1, "facial_care": 1, "herbal_therapy": 1},
    "diamond": {"gift_200": 1},
}
YEARLY = {
    "ordinary": {},
    "senior": {"ultrasonic_scaling": 1},
    "vip": {"ultrasonic_scaling": 2},
    "diamond": {"air_polishing": 2, "facial_care": 1, "herbal_therapy": 1},
}


def with_settings(**changed: Any) -> Rules:
    """The shipped rules with other settings."""
    return replace(RULES, version_id=2, **changed)


def held(tier: str, since: date, of: Rules = RULES, *, once: bool = True) -> HeldTier:
    """A level reached on a day by the rules of then."""
    return HeldTier(tier, of.tier(tier).rank, since, of, once)


def took(
    item: str,
    period: str,
    ordinal: int = 1,
    taking: Taking = "used",
    *,
    on: date = date(2026, 3, 1),
    child: int | None = None,
    own: bool = True,
    expires_on: date | None = None,
) -> Taken:
    """An entitlement that was issued, claimed or used."""
    return Taken(item, period, ordinal, child, taking, on, 1, own, expires_on)


def child(born: date, patient_id: int = 7, since: date = date(2025, 1, 1)) -> Child:
    return Child(patient_id, "张小宝", born, since)


def found(
    day: date, *tiers: HeldTier, versions: Sequence[Version] = SINCE_2013, **facts: Any
) -> tuple[Entitlement, ...]:
    """What a member with these levels and facts has on a day."""
    return entitlements_of(Member(tiers=tiers, **facts), versions, day)


def counted(some: Iterable[Entitlement], state: State = "open") -> dict[tuple[str, str], int]:
    """How many are in a state, by item and period."""
    return dict(Counter((each.item, each.period) for each in some if each.state == state))


def due(
    day: date, *tiers: HeldTier, versions: Sequence[Version] = SINCE_2013, **facts: Any
) -> dict[tuple[str, str], int]:
    """How many are due, by item and period."""
    some = due_of(found(day, *tiers, versions=versions, **facts))
    return dict(Counter((each.item, each.period) for each in some))


def brought(tier: str, *years: int) -> dict[tuple[str, str], int]:
    """What the document says a level brings once and in these years."""
    once = {(item, f"once:{tier}"): number for item, number in ONCE[tier].items()}
    for year in years:
        once |= {(item, str(year)): number for item, number in YEARLY[tier].items()}
    return once
