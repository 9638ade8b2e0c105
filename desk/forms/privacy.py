from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django import forms

from desk.forms.fields import DayField, Written, day_to_list, span_to_list
from members.models import AccessLog
from staff.forms import StaffForm

What = AccessLog.What
REVEALED = (What.PHONE, What.DOCUMENT, What.ADDRESS, What.GUARDIAN_PHONE)
REASONS = ("本人要求核对", "联系本人", "回访", "邮寄", "核对是否同一人")


class RevealForm(StaffForm):
    """Which of a patient's details to see in full, and why (R41)."""

    first_field = "reason"

    what = forms.MultipleChoiceField(
        label="查看内容",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请选择要查看的内容",
            "invalid_choice": "这位病人没有登记这一项，请从列出的内容中选择",
            "invalid_list": "请从列出的选项中选择查看内容",
        },
    )
    reason = Written(
        label="原因",
        widget=forms.TextInput({"list": "reveal-reasons", "maxlength": "200"}),
        help_text="会连同您的姓名和时间记入查看记录。",
    )
    back = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, known: Collection[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["what"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(each.value, each.label) for each in REVEALED if each in known]


class AccessesForm(StaffForm):
    """The business days whose looks are listed."""

    since = DayField(label="开始日期", widget=forms.TextInput({"class": "form-control day"}))
    until = DayField(label="结束日期", widget=forms.TextInput({"class": "form-control day"}))

    @classmethod
    def of(cls, given: Mapping[str, str], *, today: date) -> "AccessesForm":
        """The days asked for, else the last week."""
        week = date.fromordinal(today.toordinal() - 6)
        return cls(
            {
                "since": given.get("since") or week.isoformat(),
                "until": given.get("until") or today.isoformat(),
            }
        )

    def days(self) -> tuple[date, date] | None:
        """Both days; None when one of them is none, which is said at its field."""
        if not self.is_valid():
            return None
        found = []
        for name in ("since", "until"):
            with self.refusals():
                found.append(day_to_list(self.cleaned_data[name], field=name, label="日期"))
        if len(found) == 2:
            with self.refusals():
                return span_to_list(found[0], found[1])
        return None
