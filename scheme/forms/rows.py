"""Lists of a draft that are edited as rows: a level's benefits, the catalogue, the gifts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField

from scheme.forms.drafts import DraftForm
from scheme.forms.fields import LinesField, WholeField
from scheme.models import Item
from scheme.models.tier import CYCLES, FOR_WHOM
from scheme.rules import Benefit, CatalogueItem, GiftBand, Rules, TierRule
from staff.rules import plain

EMPTY_ROWS = 3
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the form: its fields, and the box that takes it out (None in an empty row)."""

    number: int
    cells: list[BoundField]
    remove: BoundField | None

    @property
    def name(self) -> str:
        """What the row is called for whoever can't see it."""
        return f"第 {self.number} 行"


class RowsForm(DraftForm):
    """Rows of the same fields, with some empty ones at the end; the first field is the item."""

    columns: ClassVar[tuple[str, ...]]
    key: str
    order_by: ClassVar[str] = ""

    def __init__(
        self,
        data: Any = None,
        *,
        rows: Sequence[Mapping[str, Any]],
        items: Sequence[Item],
        **kw: Any,
    ) -> None:
        super().__init__(data, **kw)
        self.items = [("", "请选择"), *((item.code, item.name) for item in items)]
        self.filled = len(rows)
        for number in range(1, _asked_for(data, self.filled + EMPTY_ROWS) + 1):
            first = rows[number - 1] if number <= self.filled else {}
            for name in self.columns:
                self._add(f"{name}_{number}", self.column(name), first.get(name))
            if number <= self.filled:
                self._add(f"remove_{number}", forms.BooleanField(label="删除", required=False))
        self.count = number
        # Not at the item: an arrow key would change it.
        self.begin_at(f"{self.columns[1]}_1")

    def column(self, name: str) -> forms.Field:
        """A new field of this column; none of them is required by itself."""
        if name == "item":
            return forms.ChoiceField(label="项目", choices=self.items, required=False)
        raise NotImplementedError

    def rows(self) -> list[Row]:
        """The rows with their fields, for the page."""
        return [
            Row(
                number,
                [self[f"{name}_{number}"] for name in self.columns],
                self[f"remove_{number}"] if number <= self.filled else None,
            )
            for number in range(1, self.count + 1)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for number in self._wanted():
            for name in self.columns:
                field = f"{name}_{number}"
                if not self.cleaned_data.get(field) and field not in self.errors:
                    label = self.fields[field].label
                    self.add_error(field, f"请{'选择' if name == 'item' else '填写'}{label}")
        return cleaned

    def given(self) -> list[dict[str, Any]]:
        """The rows that stay or are new, in their order."""
        return [
            {name: self.cleaned_data[f"{name}_{number}"] for name in self.columns}
            for number in self._order()
        ]

    def field_of(self, key: str) -> str | None:
        found = re.fullmatch(re.escape(self.key) + r"\[(\d+)\](?:\.\w+)?", key)
        if not found:
            return None
        return f"item_{self._order()[int(found[1]) - 1]}"

    def _add(self, name: str, field: forms.Field, first: object = None) -> None:
        field.widget.attrs["autocomplete"] = "off"
        self.fields[name] = field
        if first is not None:
            self.initial[name] = first

    def _wanted(self) -> Iterator[int]:
        for number in range(1, self.count + 1):
            cells = [f"{name}_{number}" for name in self.columns if self._tells(name)]
            is_empty = not any(self.cleaned_data.get(cell) or cell in self.errors for cell in cells)
            if not self.cleaned_data.get(f"remove_{number}") and not is_empty:
                yield number

    def _tells(self, name: str) -> bool:
        """Whether the column is empty in an empty row."""
        return not self.column(name).initial

    def _order(self) -> list[int]:
        numbers = list(self._wanted())
        if self.order_by:
            numbers.sort(key=lambda number: self.cleaned_data[f"{self.order_by}_{number}"])
        return numbers


class BenefitsForm(RowsForm):
    """What one level brings: items and the reception in words."""

    columns = ("item", "quantity", "cycle", "for_whom")

    def __init__(self, data: Any = None, *, rules: Rules, tier: TierRule, **kwargs: Any) -> None:
        rows = [
            {
                "item": benefit.item,
                "quantity": benefit.quantity,
                "cycle": benefit.cycle,
                "for_whom": benefit.for_whom,
            }
            for benefit in tier.benefits
        ]
        super().__init__(data, rows=rows, **kwargs)
        self.rules, self.tier, self.key = rules, tier, f"tiers[{tier.rank}].benefits"
        self._add(
            "reception", LinesField(label="就诊接待", help_text="一行写一条。"), tier.reception
        )

    def column(self, name: str) -> forms.Field:
        if name == "quantity":
            return WholeField(label="数量", most=100, required=False)
        if name == "cycle":
            return forms.ChoiceField(label="周期", choices=CYCLES, initial="once")
        if name == "for_whom":
            return forms.ChoiceField(label="给谁", choices=FOR_WHOM, initial="member")
        return super().column(name)

    def changes(self) -> Mapping[str, Any]:
        benefits = tuple(Benefit(**row) for row in self.given())
        reception = self.cleaned_data["reception"]
        changed = replace(self.tier, benefits=benefits, reception=reception)
        tiers = (changed if tier.code == changed.code else tier for tier in self.rules.tiers)
        return {"tiers": tuple(tiers)}


class CatalogueForm(RowsForm):
    """What points buy, and the price of each piece."""

    columns = ("item", "points")
    key = "catalogue"

    def __init__(self, data: Any = None, *, rules: Rules, **kwargs: Any) -> None:
        rows = [{"item": line.item, "points": line.points} for line in rules.catalogue]
        super().__init__(data, rows=rows, **kwargs)

    def column(self, name: str) -> forms.Field:
        if name == "points":
            return WholeField(label="积分", required=False)
        return super().column(name)

    def changes(self) -> Mapping[str, Any]:
        return {"catalogue": tuple(CatalogueItem(**row) for row in self.given())}


class GiftBandsForm(RowsForm):
    """From which spending on a gift of which worth is bought, kept in rising order."""

    columns = ("item", "from_yuan", "value_yuan")
    key = "gift_bands"
    order_by = "from_yuan"

    def __init__(self, data: Any = None, *, rules: Rules, **kwargs: Any) -> None:
        rows = [
            {"item": band.item, "from_yuan": band.from_yuan, "value_yuan": band.value_yuan}
            for band in rules.gift_bands
        ]
        super().__init__(data, rows=rows, **kwargs)

    def column(self, name: str) -> forms.Field:
        if name == "from_yuan":
            return WholeField(label="消费金额（元）", required=False)
        if name == "value_yuan":
            return WholeField(label="礼品金额（元）", required=False)
        return super().column(name)

    def changes(self) -> Mapping[str, Any]:
        return {"gift_bands": tuple(GiftBand(**row) for row in self.given())}


def _asked_for(data: Any, otherwise: int) -> int:
    """How many rows the form had when it was sent."""
    sent = plain((data or {}).get("rows", ""))
    is_number = sent.isascii() and sent.isdecimal() and len(sent) < 4
    return min(max(int(sent), 1), MOST_ROWS) if is_number else otherwise
