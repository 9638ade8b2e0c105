from datetime import date, datetime

from django import forms
from django.utils import timezone

from desk.forms.fields import (
    AmountField,
    DayField,
    NumberField,
    ScannedField,
    TimeField,
    Written,
    day_to_list,
)
from points.models import Receipt
from points.rules import NewReceipt, NewRefund, receipt_from, refund_from
from staff.forms import StaffForm
from staff.rules import SHANGHAI


def amount_input() -> forms.TextInput:
    """A field for yuan, with the keys for figures on a touch screen."""
    return forms.TextInput(attrs={"inputmode": "decimal"})


class PaidForm(StaffForm):
    """What stands on a receipt."""

    # Named like the parsers' field, so that what is wrong with the day is said beside it.
    paid_at = DayField(label="收费日期", required=False)
    paid_time = TimeField(label="收费时间", required=False)
    department = Written(label="科室", required=False)
    doctor = NumberField(label="医生工号", required=False)
    note = Written(label="备注", required=False)

    def moment(self, otherwise: datetime) -> str:
        """Day and time as they were typed; midnight without a time, `otherwise` without both."""
        day, time = self.cleaned_data["paid_at"], self.cleaned_data["paid_time"]
        if not day and not time:
            return otherwise.isoformat()
        day = day or timezone.localdate(otherwise).isoformat()
        return f"{day} {time or '00:00'}"


class PaymentForm(PaidForm):
    """What a patient just paid, or paid on an earlier day, as the cashier types it."""

    first_field = "amount"

    amount = AmountField(label="金额（元）", widget=amount_input())
    receipt_number = ScannedField(label="收据号")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paid_at"].help_text = "补录以前的收据时填写，例如 2026-03-02；不填就是现在。"
        self.fields["paid_time"].help_text = "例如 09:30。"

    def value(self, *, file_number: str, now: datetime) -> NewReceipt:
        """The receipt, paid now unless a day was given. Raises Refusal."""
        paid_at = self.moment(now)
        given = {**self.cleaned_data, "file_number": file_number, "paid_at": paid_at}
        return receipt_from(given, now=now, zone=SHANGHAI)

    @property
    def more_is_filled(self) -> bool:
        """Whether the folded fields hold something, so that they must not hide it."""
        return any(self[name].value() for name in ("department", "doctor", "note"))

    @property
    def day_is_filled(self) -> bool:
        """Whether the folded day holds something, or something is wrong with it."""
        fields = (self["paid_at"], self["paid_time"])
        return any(field.value() or field.errors for field in fields)


class RefundForm(StaffForm):
    """Yuan given back on one receipt; the refund number is the one on paper."""

    first_field = "refund_number"

    amount = AmountField(label="退费金额（元）", widget=amount_input())
    refund_number = ScannedField(label="退费单号")
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
                return day_to_list(self.cleaned_data["day"], field="day", label="日期")
        return None
