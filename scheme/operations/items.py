from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from scheme.models import Item, PriceChange
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation

PRICES = ("list_price", "cost_price")


@operation
def set_prices(
    *, prices: Mapping[int, Mapping[str, Decimal | None]], by: User, now: datetime
) -> list[PriceChange]:
    """Give items other prices in yuan (None: unknown); what changes stays on record.

    `prices` holds `list_price` and `cost_price` by the key of the item, only those to be set.
    """
    items = Item.objects.select_for_update(of=("self",)).filter(pk__in=prices).order_by("pk")
    changes = [_change(item, prices[item.pk]) for item in items]
    made = [change for change in changes if change]
    for change in made:
        change.by, change.at = by, now
        change.item.save(update_fields=PRICES)
    return PriceChange.objects.bulk_create(made)


def _change(item: Item, prices: Mapping[str, Decimal | None]) -> PriceChange | None:
    was = {name: getattr(item, name) for name in PRICES}
    for name in PRICES:
        setattr(item, name, prices.get(name, was[name]))
    if was == {name: getattr(item, name) for name in PRICES}:
        return None
    return PriceChange(
        item=item,
        list_price_was=was["list_price"],
        list_price=item.list_price,
        cost_price_was=was["cost_price"],
        cost_price=item.cost_price,
    )


@operation
def add_item(*, name: str, kind: str, unit: str, specialty: str) -> Item:
    """Register a gift or a service that drafts can then bring or sell; its words are for good.

    Refuses with 409 when one is called the same.
    """
    if Item.objects.filter(name=name).exists():
        raise Refusal("item_named", 409, f"已有叫“{name}”的项目", "name")
    return Item.objects.create(
        code=_free_code(kind), name=name, kind=kind, unit=unit, specialty=specialty
    )


def _free_code(kind: str) -> str:
    """Files name items by codes, people by names: any free code will do."""
    taken = set(Item.objects.values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := f"{kind}_{n}") not in taken)
