from dataclasses import dataclass
from datetime import datetime

from points.models import PointsEntry, Receipt, Refund, TierReview
from points.operations import ledger, reviews
from points.queries import Standing, standing
from points.rules import NewRefund, available_for
from scheme.queries import rules_of
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day


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
    receipt = _locked_receipt(new.receipt_number)
    earlier = Refund.objects.filter(number=new.number).first()
    if earlier:
        return _repeated(new, earlier, receipt)
    _check(new, receipt)
    refund = Refund.objects.create(
        number=new.number,
        receipt=receipt,
        amount=new.amount,
        refunded_at=new.refunded_at,
        reason=new.reason,
        by=by,
    )
    posted = ledger.post(entries=[_entry(refund, receipt)], by=by)[refund.reference]
    stand = standing(receipt.patient_id)
    review = reviews.open_if_unsupported(
        stand=stand, entry_id=posted.entry_id, day=business_day(new.refunded_at), by=by, now=now
    )
    return Refunded(
        refund_id=refund.pk,
        refund_number=refund.number,
        repeated=False,
        points=refund.points,
        cumulative=posted.cumulative_after,
        available=posted.available_after,
        review_opened=review is not None,
        standing=stand,
    )


def _locked_receipt(number: str) -> Receipt:
    receipts = Receipt.objects.select_for_update(of=("self",)).filter(number=number)
    receipt = receipts.order_by("-revision").first()
    if receipt is None:
        message = f"没有收据号为 {number} 的收费记录，请核对"
        raise Refusal("unknown_receipt", 404, message, "receipt_number")
    return receipt


def _check(new: NewRefund, receipt: Receipt) -> None:
    if new.amount > receipt.net_amount:
        message = f"退费合计不能超过收据金额，这张收据还可退 {receipt.net_amount} 元"
        raise Refusal("refund_at_most_paid", 409, message, "amount")
    if new.refunded_at < receipt.paid_at:
        message = "退费时间不能早于收费时间"
        raise Refusal("refund_before_payment", 422, message, "refunded_at")


def _entry(refund: Refund, receipt: Receipt) -> ledger.NewEntry:
    rules = rules_of(receipt.scheme_id)
    return ledger.NewEntry(
        account_id=receipt.patient_id,
        kind=PointsEntry.Kind.REFUND,
        cumulative_delta=refund.points,
        available_delta=available_for(refund.points, rules),
        occurred_at=refund.refunded_at,
        reference=refund.reference,
        scheme_id=receipt.scheme_id,
    )


def _repeated(new: NewRefund, earlier: Refund, receipt: Receipt) -> Refunded:
    same = (earlier.receipt_id, earlier.amount, business_day(earlier.refunded_at)) == (
        receipt.pk,
        new.amount,
        business_day(new.refunded_at),
    )
    if not same:
        message = f"退费单号 {new.number} 已按另一笔退费入账，请核对退费单号"
        raise Refusal("refund_differs", 409, message, "refund_number")
    entry = PointsEntry.objects.get(reference=earlier.reference)
    return Refunded(
        refund_id=earlier.pk,
        refund_number=earlier.number,
        repeated=True,
        points=earlier.points,
        cumulative=entry.cumulative_after,
        available=entry.available_after,
        review_opened=TierReview.objects.filter(entry=entry).exists(),
        standing=standing(receipt.patient_id),
    )
