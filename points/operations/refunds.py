from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from members.models import Patient
from points.exceptions import receipt_voided, unknown_receipt
from points.models import Correction, PointsEntry, Receipt, Refund, TierReview
from points.operations import ledger
from points.operations.changeover import carry_over
from points.operations.restating import restate
from points.queries import Standing, standing
from points.rules import NewRefund, available_for
from scheme.queries import rules_of
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Refunded:
    """What happened to a refund: points (0 or less) and totals as of then, standing as of now."""

    refund_id: int
    refund_number: str
    repeated: bool
    points: int
    cumulative: int
    available: int
    review_opened: bool
    standing: Standing


@operation
def record_refund(*, new: NewRefund, by: User, now: datetime) -> Refunded:
    """Give yuan back on a receipt and take its points; once per refund number (C17, C18).

    A level that loses its ground is not lowered: a review opens. Raises Refusal 404 for an
    unknown receipt, 409 when more than was paid would go back or the number stands for another
    refund, 422 for a refund before its payment.
    """
    receipt = locked_receipt(new.receipt_number)
    earlier = Refund.objects.filter(number=new.number).order_by("-revision").first()
    if same := _same(new, receipt):
        return _repeated(same, receipt)
    _check(new, receipt, earlier)
    refund = Refund.objects.create(
        number=new.number,
        revision=earlier.revision + 1 if earlier else 1,
        correction=Correction.objects.get(refund=earlier) if earlier else None,
        receipt=receipt,
        amount=new.amount,
        refunded_at=new.refunded_at,
        reason=new.reason,
        by=by,
    )
    entry = refund_entry(refund, receipt)
    carry_over(files=file_before(receipt), by=by, now=now)
    posted = ledger.post(entries=[entry], by=by)[refund.reference]
    restate(causes={entry.account_id: None}, by=by, now=now)
    return Refunded(
        refund_id=refund.pk,
        refund_number=refund.number,
        repeated=False,
        points=refund.points,
        cumulative=posted.cumulative_after,
        available=posted.available_after,
        review_opened=_opened_review(posted.entry_id),
        standing=standing(entry.account_id),
    )


def locked_receipt(number: str, *, moves_to: str | None = None) -> Receipt:
    """The newest revision of a receipt with its patient, both locked: the file before the receipt.

    The file that it moves to is locked with it, in the order in which merges lock files. Raises
    Refusal 404 for an unknown number.
    """
    for _ in range(_ATTEMPTS):
        with transaction.atomic():
            if receipt := _locked_together(number, moves_to):
                return receipt
            # It went to another patient meanwhile: let go of both and begin with that one.
            transaction.set_rollback(True)
    message = f"收据 {number} 正在被更正，请稍后再试"
    raise Refusal("receipt_just_corrected", 409, message, "receipt_number")


def _locked_together(number: str, moves_to: str | None) -> Receipt | None:
    receipts = Receipt.objects.filter(number=number).order_by("-revision")
    file_id = receipts.values_list("patient", flat=True).first()
    if file_id is None:
        raise unknown_receipt(number)
    files = Patient.objects.filter(Q(pk=file_id) | Q(file_number=moves_to))
    list(files.order_by("pk").select_for_update(of=("self",), no_key=True))
    receipt = receipts.select_for_update(of=("self",)).select_related("patient")[0]
    return receipt if receipt.patient_id == file_id else None


def _check(new: NewRefund, receipt: Receipt, earlier: Refund | None) -> None:
    if earlier and not earlier.voided:
        message = f"退费单号 {new.number} 已按另一笔退费入账，请核对退费单号"
        raise Refusal("refund_differs", 409, message, "refund_number")
    if receipt.voided:
        raise receipt_voided(receipt.number)
    if new.amount > receipt.net_amount:
        message = f"退费合计不能超过收据金额，这张收据还可退 {receipt.net_amount} 元"
        raise Refusal("refund_at_most_paid", 409, message, "amount")
    if new.refunded_at < receipt.paid_at:
        message = "退费时间不能早于收费时间"
        raise Refusal("refund_before_payment", 422, message, "refunded_at")


def file_before(receipt: Receipt) -> dict[int, date | None]:
    """The file of a receipt that is about to change, for the change-over to 方案B (C3)."""
    return {receipt.patient_id: rules_of(receipt.scheme_id).effective_from}


def refund_entry(refund: Refund, receipt: Receipt) -> ledger.NewEntry:
    """What a refund takes from the account on which its receipt's points stand."""
    return ledger.NewEntry(
        account_id=receipt.patient.root_id,
        kind=PointsEntry.Kind.REFUND,
        cumulative_delta=refund.points,
        available_delta=available_for(refund.points, rules_of(receipt.scheme_id)),
        occurred_at=refund.refunded_at,
        reference=refund.reference,
        scheme_id=receipt.scheme_id,
    )


def _same(new: NewRefund, receipt: Receipt) -> Refund | None:
    """The refund that was recorded before, in whatever revision."""
    day = business_day(new.refunded_at)
    earlier = Refund.objects.filter(
        number=new.number, receipt__number=receipt.number, amount=new.amount
    )
    found = earlier.order_by("-revision")
    return next((refund for refund in found if business_day(refund.refunded_at) == day), None)


def _repeated(earlier: Refund, receipt: Receipt) -> Refunded:
    entry = PointsEntry.objects.get(reference=earlier.reference)
    return Refunded(
        refund_id=earlier.pk,
        refund_number=earlier.number,
        repeated=True,
        points=earlier.points,
        cumulative=entry.cumulative_after,
        available=entry.available_after,
        review_opened=_opened_review(entry.pk),
        standing=standing(receipt.patient.root_id),
    )


def _opened_review(entry_id: int) -> bool:
    return TierReview.objects.filter(entry=entry_id).exists()
