"""Fields of the rules: numbers as people type them, days, lines of text, one of a few."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from scheme.operations.values import FIRST_YEAR, MAX_WHOLE
from staff.exceptions import Refusal
from staff.rules import plain, text


def number(value: object) -> str:
    """A typed number without what people add to it: ￥12,000元 is 12000."""
    return plain(str(value)).strip("¥").rstrip("元分个月次").replace(",", "").strip()


class WholeField(forms.IntegerField):
    """A positive whole number up to `most`."""

    def __init__(self, *, label: str, most: int = MAX_WHOLE, **kwargs: Any) -> None:
        sentence = f"{label}应为 1 至 {most:,} 的整数"
        messages = {
            "required": f"请填写{label}",
            **dict.fromkeys(("invalid", "min_value", "max_value"), sentence),
        }
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "size": "8"}))
        super().__init__(
            label=label, min_value=1, max_value=most, error_messages=messages, **kwargs
        )

    def to_python(self, value: Any) -> int | None:
        return super().to_python(number(value) if value else value)


class YuanField(forms.DecimalField):
    """A price in yuan with up to two decimals, from `least` on; empty is unknown (None)."""

    def __init__(self, *, label: str, least: Decimal, **kwargs: Any) -> None:
        sentence = f"{label}应为金额，例如 120 或 99.50"
        names = ("invalid", "max_digits", "max_decimal_places", "max_whole_digits")
        messages = {**dict.fromkeys(names, sentence), "min_value": f"{label}不能小于 {least} 元"}
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "size": "8"}))
        super().__init__(
            label=label,
            required=False,
            min_value=least,
            max_digits=10,
            decimal_places=2,
            error_messages=messages,
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(number(value) if value else value)


class DayField(forms.DateField):
    """A calendar day, chosen from a calendar or typed."""

    def __init__(self, *, label: str, **kwargs: Any) -> None:
        messages = {"required": f"请填写{label}", "invalid": f"{label}应为日期，例如 2027-01-01"}
        widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
        super().__init__(label=label, widget=widget, error_messages=messages, **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value.year < FIRST_YEAR:
            raise forms.ValidationError(f"{self.label}应为 {FIRST_YEAR} 年以后的日期")


class LineField(forms.CharField):
    """One line of readable text."""

    def __init__(self, *, label: str, longest: int, **kwargs: Any) -> None:
        self.longest = longest
        messages = {"required": f"请填写{label}"}
        super().__init__(label=label, error_messages=messages, **kwargs)
        # Django refuses NUL here in words of its own; `text` refuses more, in ours.
        self.validators.clear()

    def to_python(self, value: Any) -> str:
        return readable(value or "", label=str(self.label), longest=self.longest)


class LinesField(forms.CharField):
    """Lines of readable text, one under the other; empty ones are left out."""

    def __init__(self, *, label: str, rows: int = 6, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(label=label, required=False, widget=widget, **kwargs)
        self.validators.clear()

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else "\n".join(value or ())

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in (value or "").splitlines())
        label = str(self.label)
        return tuple(readable(line, label=label, longest=200) for line in lines if line)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(tuple(initial or ()) != self.to_python(data))


class ChosenField(forms.ChoiceField):
    """One of a few answers, all of them to be seen."""

    def __init__(self, *, label: str, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        message = f"请选择{label}"
        super().__init__(
            label=label,
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": message, "invalid_choice": message},
            **kwargs,
        )


class YesField(forms.TypedChoiceField):
    """A question with two answers in words of their own."""

    def __init__(self, *, label: str, no: str, yes: str, **kwargs: Any) -> None:
        message = f"请选择{label}"
        super().__init__(
            label=label,
            choices=[("False", no), ("True", yes)],
            coerce=lambda answer: answer == "True",
            widget=forms.RadioSelect,
            error_messages={"required": message, "invalid_choice": message},
            **kwargs,
        )


def readable(value: str, *, label: str, longest: int) -> str:
    """One line of text that can be read; a ValidationError says what is wrong with it."""
    try:
        return text(value, field="", label=label, longest=longest, required=False)
    except Refusal as refusal:
        raise forms.ValidationError(refusal.message) from refusal
