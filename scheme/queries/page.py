"""A version as it is explained to a patient."""

from dataclasses import dataclass
from datetime import date

from scheme.models import Scheme
from scheme.queries.versions import published_rules
from scheme.rules import Item, Rules, TierRule


@dataclass(frozen=True, slots=True)
class Bringing:
    """One thing that a level brings, with the item's words."""

    item: Item
    quantity: int
    yearly: bool
    for_child: bool


@dataclass(frozen=True, slots=True)
class Level:
    """A level as it is explained to a patient."""

    rule: TierRule
    brings: tuple[Bringing, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """An item of 方案B's catalogue with its price in points."""

    item: Item
    points: int


@dataclass(frozen=True, slots=True)
class SchemePage:
    """A published version as it is explained to a patient, and the other versions."""

    scheme: Scheme
    rules: Rules
    in_force: bool
    levels: tuple[Level, ...]
    catalogue: tuple[Price, ...]
    upcoming: tuple[Scheme, ...]
    begun: tuple[Scheme, ...]


def scheme_page(scheme_id: int, *, today: date) -> SchemePage:
    """The page of one published version; raises Scheme.DoesNotExist for any other."""
    rules = published_rules(scheme_id)
    versions = Scheme.objects.published().order_by("-effective_from")
    scheme = next(version for version in versions if version.pk == scheme_id)
    begun = [version for version in versions if version.effective_from <= today]
    return SchemePage(
        scheme=scheme,
        rules=rules,
        in_force=bool(begun) and begun[0] == scheme,
        levels=tuple(_level(rules, tier) for tier in rules.tiers),
        catalogue=tuple(Price(rules.item(line.item), line.points) for line in rules.catalogue),
        upcoming=tuple(version for version in versions if version.effective_from > today),
        begun=tuple(begun),
    )


def _level(rules: Rules, tier: TierRule) -> Level:
    return Level(
        tier,
        tuple(
            Bringing(
                item=rules.item(benefit.item),
                quantity=benefit.quantity,
                yearly=benefit.cycle == "yearly",
                for_child=benefit.for_whom == "household_child",
            )
            for benefit in tier.benefits
        ),
    )
