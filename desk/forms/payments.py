from datetime import date, datetime

from django import forms

from desk.forms.fields import AmountField, DayField, NumberField, Written
from points.models import Receipt
from points.rules import NewReceipt, NewRefund, receipt_from, refund_from
from staff.exceptions import Refusal
from staff.forms import StaffForm
from staff.rules import day as day_from


def _amount_input() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal"})


class PaymentForm(StaffForm):
    """What a patient just paid, as the cashier types it."""

    first_field = "amount"

    amount = AmountField(label="金额（元）", widget=_amount_input())
    receipt_number = NumberField(label="收据号")
    department = Written(label="科室", required=False)
    doctor = NumberField(label="医生工号", required=False)
    note = Written(label="备注", required=False)

    def value(self, *, file_number: str, now: datetime) -> NewReceipt:
        """The receipt, paid now. Raises Refusal."""
        given = {**self.cleaned_data, "file_number": file_number, "paid_at": now.isoformat()}
        return receipt_from(given, now=now)

    @property
    def more_is_filled(self) -> bool:
        """Whether the folded fields hold something, so that they must not hide it."""
        return any(self[name].value() for name in ("department", "doctor", "note"))


class RefundForm(StaffForm):
    """Yuan given back on one receipt; the refund number is the one on paper."""

    first_field = "refund_number"

    amount = AmountField(label="退费金额（元）", widget=_amount_input())
    refund_number = NumberField(label="退费单号")
    reason = Written(label="退费原因")

    def value(self, *, receipt: Receipt, now: datetime) -> NewRefund:
        """The refund, given now. Raises Refusal."""
        given = {
            **self.cleaned_data,
            "receipt_number": receipt.number,
            "refunded_at": now.isoformat(),
        }
        return refund_from(given, now=now)


class DayForm(StaffForm):
    """Which day to look at."""

    day = DayField(
        label="日期", required=False, widget=forms.TextInput({"class": "form-control day"})
    )

    def value(self) -> date | None:
        """The day asked for; None for none or a wrong one, which is refused at its field."""
        if self.is_valid() and self.cleaned_data["day"]:
            with self.refusals():
                return _shown_day(self.cleaned_data["day"])
        return None


def _shown_day(written: str) -> date:
    day = day_from(written, field="day", label="日期")
    if not 1900 <= day.year <= 9000:
        raise Refusal("not_a_day", 422, "日期的年份不对", "day")
    return day
