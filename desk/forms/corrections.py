from datetime import datetime
from typing import Any, Self

from django import forms
from django.utils import timezone

from desk.forms.fields import AmountField, ScannedField, Written
from desk.forms.payments import PaidForm, amount_input
from points.models import Receipt
from points.rules import NewCorrection, correction_from
from staff.forms import ReadableField, StaffForm
from staff.rules import SHANGHAI

REASON_HELP = "一句话写明哪里错了，今后可以查到。"


class CorrectionForm(PaidForm):
    """A receipt as it should have been, filled with what is stored, and why (C39)."""

    first_field = "file_number"

    file_number = ScannedField(label="档案号")
    amount = AmountField(label="金额（元）", widget=amount_input())
    reason = Written(label="更正原因", help_text=REASON_HELP)
    # Not named like the parser's fields: what is wrong with them is said above the form.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    seen_void = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, receipt: Receipt, posted: Any) -> Self:
        """The form for this receipt, as it was typed or with what is stored."""
        paid_at = timezone.localtime(receipt.paid_at)
        stored = {
            "file_number": receipt.patient.file_number,
            "amount": receipt.amount,
            "paid_at": f"{paid_at:%Y-%m-%d}",
            "paid_time": f"{paid_at:%H:%M}",
            "department": receipt.department,
            "doctor": receipt.doctor_number,
            "note": receipt.note,
            "seen": receipt.revision,
            "seen_void": receipt.voided,
        }
        form = cls(posted, initial=stored)
        for name in ("paid_at", "paid_time"):
            form.fields[name].required = True
        return form

    def value(self, *, receipt: Receipt, now: datetime) -> NewCorrection:
        """The correction that was typed. Raises Refusal."""
        asked: dict[str, object] = {
            **self.cleaned_data,
            "revision": self.cleaned_data["seen"],
            "reenter": self.cleaned_data["seen_void"],
        }
        # The form knows minutes only; an untouched time keeps its seconds.
        touched = {"paid_at", "paid_time"} & set(self.changed_data)
        asked["paid_at"] = self.moment(now) if touched else None
        return correction_from(asked, receipt_number=receipt.number, now=now, zone=SHANGHAI)


class VoidRefundForm(StaffForm):
    """Why a refund is taken back."""

    first_field = "reason"

    reason = ReadableField(
        label="冲正原因",
        max_length=200,
        help_text=REASON_HELP,
        error_messages={"required": "请填写冲正原因"},
    )


class VoidForm(VoidRefundForm):
    """Why a receipt is taken back; `seen` is the revision that was looked at."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def value(self, *, receipt: Receipt, now: datetime) -> NewCorrection:
        """The receipt taken back and not entered again. Raises Refusal."""
        asked = {**self.cleaned_data, "revision": self.cleaned_data["seen"], "void": True}
        return correction_from(asked, receipt_number=receipt.number, now=now)
