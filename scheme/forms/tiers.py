import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.forms.boundfield import BoundField

from scheme.forms.drafts import DraftForm
from scheme.forms.fields import LineField, WholeField
from scheme.rules import Rules

_PATH = re.compile(r"tiers\[(\d+)\]\.(one_time|cumulative)")


class TiersForm(DraftForm):
    """The names of the levels, and the points that reach them by either path."""

    def __init__(self, data: Any = None, *, rules: Rules, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.rules = rules
        for tier in rules.tiers:
            self._add(f"name_{tier.rank}", LineField(label="级别", longest=20), tier.name)
            self._add(f"one_time_{tier.rank}", WholeField(label="一次性消费积分"), tier.one_time)
            self._add(f"cumulative_{tier.rank}", WholeField(label="累计积分"), tier.cumulative)
        self.begin_at(f"one_time_{rules.tiers[0].rank}")

    def rows(self) -> list[list[BoundField]]:
        """The levels with their fields, the lowest first."""
        names = ("name", "one_time", "cumulative")
        return [[self[f"{name}_{tier.rank}"] for name in names] for tier in self.rules.tiers]

    def changes(self) -> Mapping[str, Any]:
        return {
            "tiers": tuple(
                replace(
                    tier,
                    name=self.cleaned_data[f"name_{tier.rank}"],
                    one_time=self.cleaned_data[f"one_time_{tier.rank}"],
                    cumulative=self.cleaned_data[f"cumulative_{tier.rank}"],
                )
                for tier in self.rules.tiers
            )
        }

    def field_of(self, key: str) -> str | None:
        found = _PATH.fullmatch(key)
        return f"{found[2]}_{found[1]}" if found else None

    def _add(self, name: str, field: WholeField | LineField, first: object) -> None:
        field.widget.attrs["autocomplete"] = "off"
        self.fields[name] = field
        self.initial[name] = first
