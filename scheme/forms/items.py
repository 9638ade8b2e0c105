from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from scheme.forms.fields import ChosenField, LineField, YuanField
from scheme.models import Item
from scheme.models.item import KINDS
from staff.forms import StaffForm
from staff.models import Department

_CENT = Decimal("0.01")
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class PriceRow:
    """An item with the fields of its prices."""

    item: Item
    list_price: BoundField
    cost_price: BoundField


class PricesForm(StaffForm):
    """The prices of all items in yuan; only what somebody changes is set."""

    def __init__(self, data: Any = None, *, items: Sequence[Item]) -> None:
        super().__init__(data)
        self.items = items
        for item in items:
            self._add(item, "list_price", YuanField(label="价目表价格", least=_CENT))
            self._add(item, "cost_price", YuanField(label="成本", least=Decimal(0)))

    def rows(self) -> Iterator[PriceRow]:
        """The items with their fields, for the page."""
        for item in self.items:
            yield PriceRow(item, self[f"list_price_{item.pk}"], self[f"cost_price_{item.pk}"])

    def changed(self) -> dict[int, dict[str, Decimal | None]]:
        """By the item's key, the prices that are other than the page showed."""
        found: dict[int, dict[str, Decimal | None]] = {}
        for name in self.changed_data:
            column, _, key = name.rpartition("_")
            found.setdefault(int(key), {})[column] = self.cleaned_data[name]
        return found

    def _add(self, item: Item, column: str, field: YuanField) -> None:
        # What the page showed comes back with it: a colleague's change meanwhile is kept.
        field.show_hidden_initial = True
        field.widget.attrs["autocomplete"] = "off"
        name = f"{column}_{item.pk}"
        self.fields[name] = field
        self.initial[name] = getattr(item, column)


class ItemForm(StaffForm):
    """A gift or a service that there was not yet."""

    first_field = "name"

    name = LineField(label="名称", longest=60, help_text="写全，例如“口腔保健礼品（300元）”。")
    kind = ChosenField(label="种类", choices=KINDS)
    unit = LineField(label="单位", longest=10, help_text="例如：份、次、颗。")
    specialty = forms.ChoiceField(label="专科", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Item.objects.exclude(specialty="").values_list("specialty", flat=True)
        departments = Department.objects.values_list("name", flat=True)
        names = {*known, *(name for name in departments if len(name) <= _LONGEST)}
        specialty = self.fields["specialty"]
        assert isinstance(specialty, forms.ChoiceField)
        specialty.choices = [
            ("", "不属于某个专科（礼品）"),
            *((name, name) for name in sorted(names)),
        ]
