"""One version of the membership rules as plain values, and what follows from them.

Points are whole numbers. Thresholds are inclusive: "满1000分及以上" (S2:28).
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

OneTimeScope = Literal["day", "receipt"]
EnrolRule = Literal["threshold", "everyone"]
ChildItemScope = Literal["per_child", "per_household"]
CostBearer = Literal["marketing", "doctor"]
PriceBasis = Literal["list", "cost"]
RedemptionStart = Literal["zero", "cumulative"]
CardRule = Literal["none", "from_vip", "all"]
ServiceDelivery = Literal["electronic", "card"]
ItemKind = Literal["gift", "service"]
Cycle = Literal["once", "yearly"]
ForWhom = Literal["member", "household_child"]
Path = Literal["one_time", "cumulative", "legacy"]

TIER_CODES = ("ordinary", "senior", "vip", "diamond")


@dataclass(frozen=True, slots=True)
class Item:
    """A gift or a service that levels bring or points buy; the same in all versions."""

    code: str
    name: str
    kind: ItemKind
    unit: str
    specialty: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """What reaching a level brings (R12-R15): once, or anew each calendar year."""

    item: str
    quantity: int
    cycle: Cycle
    for_whom: ForWhom


@dataclass(frozen=True, slots=True)
class TierRule:
    """A level, the points that reach it by either path, and what it brings (R12-R15)."""

    code: str
    name: str
    rank: int
    one_time: int
    cumulative: int
    reception: tuple[str, ...]
    benefits: tuple[Benefit, ...]


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """The price of an item in points under 方案B (R23, C7)."""

    item: str
    points: int


@dataclass(frozen=True, slots=True)
class GiftBand:
    """A gift's worth in yuan, and the spending in yuan from which it is bought (R45, C6)."""

    item: str
    from_yuan: int
    value_yuan: int


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one version; `version_id` is the row's key, None before it is stored."""

    version_id: int | None
    title: str
    effective_from: date
    plan_a: bool
    plan_b: bool
    start_on: date
    points_per_yuan: int
    one_time_scope: OneTimeScope
    enrol_rule: EnrolRule
    legacy_min_points: int
    legacy_counts_as_available: bool
    grant_skipped: bool
    cleaning_cycle_months: int | None
    once_only_valid_months: int | None
    redeemed_valid_months: int | None
    child_age_limit: int
    child_birthday_ends: bool
    child_item_scope: ChildItemScope
    cost_bearer: CostBearer
    price_basis: PriceBasis
    redemption_start: RedemptionStart
    redemption_one_time: int
    redemption_cumulative: int
    card_rule: CardRule
    service_delivery: ServiceDelivery
    general_benefits: tuple[str, ...]
    items: tuple[Item, ...]
    tiers: tuple[TierRule, ...]
    catalogue: tuple[CatalogueItem, ...]
    gift_bands: tuple[GiftBand, ...]

    @property
    def stored_id(self) -> int:
        """The row's key of a version that is stored."""
        assert self.version_id is not None
        return self.version_id

    def item(self, code: str) -> Item:
        """The item with this code; KeyError if the version has none."""
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)

    def tier(self, code: str) -> TierRule:
        """The level with this code; KeyError if the version has none."""
        for tier in self.tiers:
            if tier.code == code:
                return tier
        raise KeyError(code)


@dataclass(frozen=True, slots=True)
class Reached:
    """The highest level that the points support, and the path that led there."""

    tier: TierRule
    path: Path


@dataclass(frozen=True, slots=True)
class Missing:
    """Points still missing to a level, by each path; either one is enough."""

    tier: TierRule
    one_time: int
    cumulative: int

    @property
    def least(self) -> int:
        """The shorter of the two ways, in points."""
        return min(self.one_time, self.cumulative)


def reached(rules: Rules, *, one_time: int, cumulative: int) -> Reached | None:
    """The highest level by either path (R12-R15); one-time is named where both lead there."""
    for tier in reversed(rules.tiers):
        if one_time >= tier.one_time:
            return Reached(tier, "one_time")
        if cumulative >= tier.cumulative:
            return Reached(tier, "cumulative")
    return None


def tier_for(rules: Rules, *, one_time: int, cumulative: int) -> TierRule | None:
    """The highest level that either path supports (R12-R15), None below the lowest."""
    found = reached(rules, one_time=one_time, cumulative=cumulative)
    return found.tier if found else None


def card_due(rules: Rules, tier_code: str | None) -> bool:
    """Whether a member of this level (None: of none) gets a physical card (R29, C21)."""
    if rules.card_rule == "from_vip":
        return tier_code is not None and rules.tier(tier_code).rank >= rules.tier("vip").rank
    return rules.card_rule == "all"


def can_enrol(rules: Rules, *, one_time: int, cumulative: int) -> bool:
    """Whether these points allow joining (R26, C1): the lowest level's, or none at all."""
    if rules.enrol_rule == "everyone":
        return True
    lowest = rules.tiers[0]
    return one_time >= lowest.one_time or cumulative >= lowest.cumulative


def missing_to_enrol(rules: Rules, *, today: int, cumulative: int) -> int:
    """Points missing to join: by the total, or by what is paid today, whichever is less (R26)."""
    if can_enrol(rules, one_time=today, cumulative=cumulative):
        return 0
    return _missing(rules.tiers[0], today, cumulative).least


def missing_to_next(
    rules: Rules, tier_code: str | None, *, today: int, cumulative: int
) -> Missing | None:
    """What is missing to the level above `tier_code` (None: the lowest); None at the top."""
    rank = rules.tier(tier_code).rank if tier_code else 0
    above = next((tier for tier in rules.tiers if tier.rank > rank), None)
    return _missing(above, today, cumulative) if above else None


def _missing(tier: TierRule, today: int, cumulative: int) -> Missing:
    return Missing(tier, max(0, tier.one_time - today), max(0, tier.cumulative - cumulative))


def canonical_text(rules: Rules) -> str:
    """The same text for the same rules, whatever row or file they came from."""
    content = asdict(rules)
    del content["version_id"]
    return json.dumps(
        content, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def rules_from(text: str, version_id: int | None) -> Rules:
    """The rules that `canonical_text` made this text of."""
    given = json.loads(text)
    days = {name: date.fromisoformat(given[name]) for name in ("effective_from", "start_on")}
    rows = {
        "general_benefits": tuple(given["general_benefits"]),
        "items": tuple(Item(**row) for row in given["items"]),
        "tiers": tuple(_tier_from(row) for row in given["tiers"]),
        "catalogue": tuple(CatalogueItem(**row) for row in given["catalogue"]),
        "gift_bands": tuple(GiftBand(**row) for row in given["gift_bands"]),
    }
    return Rules(**{**given, **days, **rows, "version_id": version_id})


def _tier_from(row: dict[str, Any]) -> TierRule:
    lists = {
        "reception": tuple(row["reception"]),
        "benefits": tuple(Benefit(**benefit) for benefit in row["benefits"]),
    }
    return TierRule(**{**row, **lists})
