"""Fields that take what people type at a desk and hand the parsers plain text."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from points.rules import amount
from staff.exceptions import Refusal
from staff.rules import day, plain

_GROUPS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", re.ASCII)
_TIME = re.compile(r"(\d{1,2})[:点时]?(\d{2})分?", re.ASCII)
YES, NO = "yes", "no"
UNIT = "（元）"


class Written(forms.CharField):
    """Text as it was typed; what it may be is for the parsers of the rules to say."""

    def __init__(self, *, label: str, required: bool = True, **kwargs: Any) -> None:
        messages = {"required": f"请填写{label.removesuffix(UNIT)}"}
        super().__init__(label=label, required=required, error_messages=messages, **kwargs)
        # Django refuses NUL here in words of its own; the parsers refuse more, in ours.
        self.validators.clear()


class NumberField(Written):
    """A number on paper or a card; full-width digits are understood."""

    def to_python(self, value: Any) -> str:
        return plain(super().to_python(value) or "")


class ScannedField(NumberField):
    """A number that stands as a barcode on paper: what a scanner reads stays in the field."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "data-scan": ""}


class AmountField(NumberField):
    """Yuan, also as 1,200 or ￥1200 or １２００元."""

    def to_python(self, value: Any) -> str:
        typed = re.sub(r"\s", "", super().to_python(value).replace("。", "."))
        typed = typed.strip("¥").removesuffix("元")
        # 1,20 may be meant as 1.20 or as 1,200: only commas between thousands are left out.
        return typed.replace(",", "") if _GROUPS.fullmatch(typed) else typed

    def validate(self, value: Any) -> None:
        super().validate(value)
        try:
            amount(value, label=str(self.label).removesuffix(UNIT))
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from refusal


class DayField(NumberField):
    """A day, also as 19850312, 1985.3.12 or 1985年3月12日."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        parts = _DAY.fullmatch(typed.replace(" ", ""))
        return f"{parts[1]}-{parts[2]:0>2}-{parts[3]:0>2}" if parts else typed


def day_to_list(written: str, *, field: str, label: str) -> date:
    """A day whose list can be asked for. Raises Refusal 422 naming the field."""
    found = day(written, field=field, label=label)
    # A list also asks for the day after.
    if not 1900 <= found.year <= 9000:
        raise Refusal("not_a_day", 422, f"{label}的年份不对", field)
    return found


def span_to_list(since: date, until: date) -> tuple[date, date]:
    """The days whose list can be asked for, both included. Raises Refusal 422 when reversed."""
    if until < since:
        raise Refusal("days_reversed", 422, "结束日期不能早于开始日期", "until")
    return since, until


class TimeField(NumberField):
    """A time of day, also as 9:30, 0930 or 9点30分."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        parts = _TIME.fullmatch(typed.replace(" ", ""))
        return f"{parts[1]:0>2}:{parts[2]}" if parts else typed


class ChosenField(forms.ChoiceField):
    """One of a few answers, as buttons; `required` says that one must be chosen."""

    def __init__(self, *, label: str, choices: Mapping[str, str], **kwargs: Any) -> None:
        messages = {
            "required": f"请选择{label}",
            "invalid_choice": f"请从列出的选项中选择{label}",
        }
        kwargs.setdefault("widget", forms.RadioSelect)
        super().__init__(
            label=label, choices=list(choices.items()), error_messages=messages, **kwargs
        )


class YesNoField(forms.TypedChoiceField):
    """A question of the paper form: □是/否□, which must be answered."""

    def __init__(self, *, label: str) -> None:
        message = f"请回答是或否：{label}"
        super().__init__(
            label=label,
            choices=[(YES, "是"), (NO, "否")],
            coerce=lambda answer: answer == YES,
            widget=forms.RadioSelect,
            error_messages={"required": message, "invalid_choice": message},
        )
