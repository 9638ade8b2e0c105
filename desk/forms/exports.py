from datetime import date
from typing import ClassVar

from django import forms

from desk.forms.fields import DayField, Written, day_to_list, span_to_list
from staff.forms import StaffForm


class ExportForm(StaffForm):
    """What a list is exported for (R41)."""

    first_field = "reason"
    days: ClassVar[tuple[str, ...]] = ()

    reason = Written(
        label="用途",
        widget=forms.TextInput({"maxlength": "200"}),
        help_text="例如“月底对账”“统计各级会员”。会连同您的姓名、时间和行数记入导出记录。",
    )

    def chosen(self) -> list[date]:
        """The days asked for, in the order of the form. Raises Refusal."""
        return [
            day_to_list(self.cleaned_data[name], field=name, label=str(self.fields[name].label))
            for name in self.days
        ]

    def filters(self) -> str:
        """What was chosen of the list, in words."""
        return " 至 ".join(day.isoformat() for day in self.chosen())


class DayExportForm(ExportForm):
    """The same for the list of one business day."""

    days = ("day",)
    field_order = ("day", "reason")

    day = DayField(label="日期")


class SpanExportForm(ExportForm):
    """The same for the list of some business days, both included."""

    days = ("since", "until")
    field_order = ("since", "until", "reason")

    since = DayField(label="开始日期")
    until = DayField(label="结束日期")

    def chosen(self) -> list[date]:
        """The first and the last day. Raises Refusal."""
        return [*span_to_list(*super().chosen())]
