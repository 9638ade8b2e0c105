from datetime import date
from typing import ClassVar

from django import forms

from desk.forms.fields import DayField, Written
from staff.exceptions import Refusal
from staff.forms import StaffForm
from staff.rules import day as day_from


class ExportForm(StaffForm):
    """What a list is exported for (R41)."""

    first_field = "reason"
    days: ClassVar[tuple[str, ...]] = ()

    reason = Written(
        label="用途",
        widget=forms.TextInput({"maxlength": "200"}),
        help_text="例如“月底对账”“寄会员杂志”。会连同您的姓名、时间和行数记入导出记录。",
    )

    def chosen(self) -> list[date]:
        """The days asked for, in the order of the form. Raises Refusal."""
        return [self._day(name) for name in self.days]

    def filters(self) -> str:
        """What was chosen of the list, in words."""
        return " 至 ".join(day.isoformat() for day in self.chosen())

    def _day(self, name: str) -> date:
        day = day_from(self.cleaned_data[name], field=name, label=str(self.fields[name].label))
        if not 1900 <= day.year <= 9000:
            raise Refusal("not_a_day", 422, "日期的年份不对", name)
        return day


class DayExportForm(ExportForm):
    """The same for the list of one business day."""

    days = ("day",)
    field_order = ("day", "reason")

    day = DayField(label="日期")


class SpanExportForm(ExportForm):
    """The same for the list of some business days, both included."""

    days = ("since", "until")
    field_order = ("since", "until", "reason")

    since = DayField(label="从")
    until = DayField(label="到")
