"""What levels would bring over the years, counted for many members. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from rewards.rules.entitlement import Entitlement
from rewards.rules.entitlements import entitlements
from rewards.rules.held import Child, HeldTier, Member, Version
from scheme.rules import TIER_CODES, Rules

Brought = Counter[tuple[str, int]]
"""Pieces by item and calendar year."""


class Bringing:
    """Counts what levels bring until a day: what is open, used up or lapsed, all the same.

    What another level's takes the place of is not counted. Members whose levels were reached in
    the same years, in the same order and by the same versions are counted by one look.
    """

    def __init__(self, versions: Sequence[Version], until: date) -> None:
        self._versions, self._until = versions, until
        self._known: dict[tuple[object, ...], Brought] = {}

    def of(self, tiers: Iterable[HeldTier]) -> Brought:
        """What these levels bring the member in person."""
        alike = self._alike(tiers)
        key = tuple(
            (tier.code, tier.since, tier.rules.version_id, tier.brings_once) for tier in alike
        )
        if key not in self._known:
            found = entitlements(Member(tiers=alike), self._versions, self._until)
            self._known[key] = Counter(
                (each.item, _year(each, alike)) for each in found if each.state != "superseded"
            )
        return self._known[key]

    def for_children(
        self, tiers: Iterable[HeldTier], children: Sequence[Child]
    ) -> Iterator[tuple[int, str, int, int]]:
        """What these levels bring for children: whose it is, item, year, which one of the year.

        What a household has once is that of its first child.
        """
        held = self._alike(tiers)
        if not children or not held:
            return
        first = min(child.patient_id for child in children)
        for each in entitlements(
            Member(tiers=held, children=children), self._versions, self._until
        ):
            if each.child_id is not None and each.state != "superseded":
                whose = first if each.per_household else each.child_id
                yield (whose, each.item, int(each.period), each.ordinal)

    def _alike(self, tiers: Iterable[HeldTier]) -> list[HeldTier]:
        """The same levels on the first days on which they would have brought the same."""
        found: list[HeldTier] = []
        last = begins = date.min
        for tier in sorted(tiers, key=lambda held: (held.since, held.rank)):
            if tier.since > self._until:
                break
            if tier.since != last:
                last, since = tier.since, self._begins(tier.since)
                begins = max(since, begins + timedelta(days=1)) if found else since
            found.append(HeldTier(tier.code, tier.rank, begins, tier.rules, tier.brings_once))
        return found

    def _begins(self, day: date) -> date:
        """The first day of the year, or of the version that came in force during it."""
        later = [version.since for version in self._versions if version.since <= day]
        return max([date(day.year, 1, 1), *later])


def _year(each: Entitlement, held: Sequence[HeldTier]) -> int:
    """The year a piece belongs to; what comes once, to that in which the level was reached."""
    if each.is_yearly:
        return int(each.period)
    rank = TIER_CODES.index(each.tier) + 1
    return next(tier.since.year for tier in held if tier.rank >= rank)


def price_of(
    item: str, rules: Rules | None, *, list_price: Decimal | None, cost_price: Decimal | None
) -> Decimal | None:
    """Yuan for a piece: a gift's worth, a service's price or cost (C6, C30); None if unknown."""
    if rules is None:
        return list_price
    worth = next((band.value_yuan for band in rules.gift_bands if band.item == item), None)
    if worth is not None:
        return Decimal(worth)
    if rules.price_basis == "cost" and cost_price is not None:
        return cost_price
    return list_price
