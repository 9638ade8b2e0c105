"""Writes Rules as the rows of a draft: the settings of Rules are the columns of Scheme."""

from datetime import datetime

from scheme import models
from scheme.models import Scheme
from scheme.queries import SETTINGS
from scheme.rules import Item, Rules, TierRule, canonical_text
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import digest_of


def store_draft(rules: Rules, *, instead_of: Scheme | None, by: User, now: datetime) -> Scheme:
    """Store these rules as a draft, in the place of an older draft if there is one."""
    draft = instead_of or Scheme()
    for name in SETTINGS:
        setattr(draft, name, getattr(rules, name))
    draft.general_benefits = list(rules.general_benefits)
    draft.changed_by, draft.changed_at = by, now
    draft.content = canonical_text(rules)
    draft.content_digest = digest_of(draft.content)
    draft.save()
    _store_rows(draft, rules)
    return draft


def _store_rows(draft: Scheme, rules: Rules) -> None:
    for kind in (models.TierRule, models.CatalogueItem, models.GiftBand):
        kind.objects.filter(scheme=draft).delete()
    items = {item.code: _stored_item(item) for item in rules.items}
    for tier in rules.tiers:
        _store_tier(draft, tier, items)
    models.CatalogueItem.objects.bulk_create(
        models.CatalogueItem(scheme=draft, item=items[line.item], points=line.points)
        for line in rules.catalogue
    )
    models.GiftBand.objects.bulk_create(
        models.GiftBand(
            scheme=draft,
            item=items[band.item],
            from_yuan=band.from_yuan,
            value_yuan=band.value_yuan,
        )
        for band in rules.gift_bands
    )


def _store_tier(draft: Scheme, tier: TierRule, items: dict[str, models.Item]) -> None:
    stored = models.TierRule.objects.create(
        scheme=draft,
        code=tier.code,
        name=tier.name,
        rank=tier.rank,
        one_time=tier.one_time,
        cumulative=tier.cumulative,
        reception=list(tier.reception),
    )
    models.TierBenefit.objects.bulk_create(
        models.TierBenefit(
            tier=stored,
            item=items[benefit.item],
            quantity=benefit.quantity,
            cycle=benefit.cycle,
            for_whom=benefit.for_whom,
        )
        for benefit in tier.benefits
    )


def _stored_item(item: Item) -> models.Item:
    words = {
        "name": item.name,
        "kind": item.kind,
        "unit": item.unit,
        "specialty": item.specialty,
    }
    stored, _ = models.Item.objects.get_or_create(code=item.code, defaults=words)
    for field, value in words.items():
        if getattr(stored, field) != value:
            sentence = (
                f"规则文件中的项目 {item.code} 写作“{value}”，"
                f"与已登记的“{getattr(stored, field)}”不同；"
                "项目对所有版本相同，请另用一个代码"
            )
            raise Refusal("scheme_item_differs", 409, sentence, "items")
    return stored
