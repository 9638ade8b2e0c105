"""What a correction of a receipt changes, for the one who is about to make it (C39)."""

from dataclasses import dataclass

from django.utils import timezone

from desk.queries.positions import Position
from members.models import Patient
from points.models import Receipt, Refund


@dataclass(frozen=True, slots=True)
class Side:
    """A patient whom the correction touches, with where they stand and will stand."""

    patient: Patient
    before: Position
    after: Position

    @property
    def difference(self) -> int:
        """Points gained, or lost as a negative figure."""
        return self.after.stand.cumulative - self.before.stand.cumulative


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the receipt, as it is and as it will be."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Preview:
    """The receipt as it is and as it will be, and what that does to one or two patients.

    `repeated`: this very correction was made already.
    """

    was: Receipt
    will_be: Receipt
    sides: tuple[Side, ...]
    repeated: bool

    @property
    def changes(self) -> tuple[Change, ...]:
        """Line by line, those that stay as they are included."""
        before, after = _lines(self.was), _lines(self.will_be)
        return tuple(Change(label, text, after[label]) for label, text in before.items())


def _lines(receipt: Receipt) -> dict[str, str]:
    return {
        "病人": f"{receipt.patient.name}（档案号 {receipt.patient.file_number}）",
        "金额": f"{receipt.amount:,.2f} 元",
        "收费时间": f"{timezone.localtime(receipt.paid_at):%Y-%m-%d %H:%M}",
        "科室": receipt.department or "—",
        "医生工号": receipt.doctor_number or "—",
        "备注": receipt.note or "—",
    }


def refund_to_void(pk: int) -> Refund:
    """A refund with its receipt; raises Refund.DoesNotExist."""
    return Refund.objects.select_related("receipt__patient", "by").get(pk=pk)


def is_live(refund: Refund) -> bool:
    """Whether it still counts: not taken back, nor its receipt."""
    return not refund.voided and not refund.receipt.voided
