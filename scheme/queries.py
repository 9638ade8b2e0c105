import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any, cast

from django.db import connection

from scheme import models
from scheme.models import Scheme
from scheme.rules import (
    Benefit,
    CatalogueItem,
    Cycle,
    ForWhom,
    GiftBand,
    Item,
    ItemKind,
    Rules,
    TierRule,
    canonical_text,
    digest_of,
)

_ROWS = ("version_id", "items", "tiers", "catalogue", "gift_bands", "general_benefits")
SETTINGS = tuple(field.name for field in fields(Rules) if field.name not in _ROWS)

_TABLES = ("scheme", "tierrule", "tierbenefit", "catalogueitem", "giftband", "item")
TRIGGERS = frozenset(
    f"scheme_{table}_{kind}" for table in _TABLES for kind in ("frozen", "no_truncate")
)


def rules_on(day: date) -> Rules | None:
    """The rules in force on a business day; None before the first version. One query."""
    pk = Scheme.objects.in_force_on(day).values_list("pk", flat=True).first()
    return published_rules(pk) if pk else None


def rules_of(scheme_id: int) -> Rules:
    """The rules of one version, published or draft."""
    try:
        return published_rules(scheme_id)
    except Scheme.DoesNotExist:
        return read_rules(Scheme.objects.get(pk=scheme_id))


@cache
def published_rules(scheme_id: int) -> Rules:
    """The rules of a published version, kept in memory since they can never change."""
    return read_rules(Scheme.objects.published().get(pk=scheme_id))


def read_rules(scheme: Scheme) -> Rules:
    """The rules that a version's rows hold at this moment."""
    tiers = tuple(_tier(row) for row in scheme.tiers.order_by("rank"))
    catalogue = scheme.catalogue.order_by("pk").values_list("item__code", "points")
    bands = scheme.gift_bands.order_by("pk").values_list("item__code", "from_yuan", "value_yuan")
    benefits = [benefit.item for tier in tiers for benefit in tier.benefits]
    settings: dict[str, Any] = {name: getattr(scheme, name) for name in SETTINGS}
    return Rules(
        version_id=scheme.pk,
        general_benefits=tuple(scheme.general_benefits),
        items=_items({*benefits, *(line[0] for line in catalogue), *(b[0] for b in bands)}),
        tiers=tiers,
        catalogue=tuple(CatalogueItem(*line) for line in catalogue),
        gift_bands=tuple(GiftBand(*band) for band in bands),
        **settings,
    )


def first_effective_on() -> date | None:
    """The day from which any rules are in force; None before the first publication."""
    first = Scheme.objects.published().order_by("effective_from").first()
    return first.effective_from if first else None


def broken_rows() -> list[str]:
    """A sentence per published version, or guard on it, that is not as it was published."""
    broken = [*_broken_guards()]
    for scheme in Scheme.objects.published().order_by("effective_from"):
        broken += [f"规则版本 {scheme.pk}（{scheme}）：{what}" for what in _broken(scheme)]
    return broken


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


def _tier(row: models.TierRule) -> TierRule:
    return TierRule(
        code=row.code,
        name=row.name,
        rank=row.rank,
        one_time=row.one_time,
        cumulative=row.cumulative,
        reception=tuple(row.reception),
        benefits=tuple(
            Benefit(
                item=line.item.code,
                quantity=line.quantity,
                cycle=cast(Cycle, line.cycle),
                for_whom=cast(ForWhom, line.for_whom),
            )
            for line in row.benefits.select_related("item").order_by("pk")
        ),
    )


def _items(codes: Collection[str]) -> tuple[Item, ...]:
    return tuple(
        Item(
            code=row.code,
            name=row.name,
            kind=cast(ItemKind, row.kind),
            unit=row.unit,
            specialty=row.specialty,
        )
        for row in sorted(models.Item.objects.filter(code__in=codes), key=lambda row: row.code)
    )


def _broken(scheme: Scheme) -> Iterator[str]:
    if digest_of(scheme.content) != scheme.content_digest:
        yield "发布时的全文与摘要不符"
    published = dict(_leaves("", _content(scheme.content)))
    rows = {_row_of(key) for key in published}
    found = dict(_leaves("", json.loads(canonical_text(read_rules(scheme)))))
    for key in sorted({*published, *found}):
        # A setting that a later release added to a row is no change to what was published.
        added_since = key not in published and _row_of(key) in rows
        if published.get(key) != found.get(key) and not added_since:
            yield f"{key} 发布时为 {published.get(key)}，现在为 {found.get(key)}"


def _content(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return {}


def _row_of(key: str) -> str:
    return key.rpartition(".")[0]


def _leaves(key: str, value: Any) -> Iterator[tuple[str, object]]:
    """Every single value of a canonical text under its key, such as tiers.vip.one_time."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(f"{key}.{name}".lstrip("."), inner)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for inner in value:
            yield from _leaves(f"{key}.{inner.get('code') or inner['item']}", inner)
    else:
        yield key, value


def _broken_guards() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')"
            " AND tgfoid = to_regproc('public.scheme_frozen')"
        )
        present = {name for (name,) in cursor.fetchall()}
    for name in sorted(TRIGGERS - present):
        yield f"保护已发布规则的触发器 {name} 缺失或被停用"
