"""The rules of a version as the plain values that everything is decided by."""

from collections.abc import Collection
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any, cast

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
)

_ROWS = ("version_id", "items", "tiers", "catalogue", "gift_bands", "general_benefits")
SETTINGS = tuple(field.name for field in fields(Rules) if field.name not in _ROWS)


def rules_on(day: date) -> Rules | None:
    """The rules in force on a business day; None before the first version. One query."""
    pk = Scheme.objects.in_force_on(day).values_list("pk", flat=True).first()
    return published_rules(pk) if pk else None


def first_day() -> date | None:
    """The first business day with rules in force; None while none are published."""
    days = Scheme.objects.published().order_by("effective_from")
    return days.values_list("effective_from", flat=True).first()


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
        items=items_of({*benefits, *(line[0] for line in catalogue), *(b[0] for b in bands)}),
        tiers=tiers,
        catalogue=tuple(CatalogueItem(*line) for line in catalogue),
        gift_bands=tuple(GiftBand(*band) for band in bands),
        **settings,
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


def items_of(codes: Collection[str]) -> tuple[Item, ...]:
    """The registered items with these codes."""
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
