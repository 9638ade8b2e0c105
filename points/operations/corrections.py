"""A wrong receipt is taken back and entered again, a wrong refund is taken back (C39)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import QuerySet

from members.exceptions import unknown_patient
from members.models import Patient
from points.exceptions import receipt_voided
from points.models import Correction, PointsEntry, Receipt, Refund, TierReached
from points.operations import ledger
from points.operations.changeover import carry_over
from points.operations.levels import lock_accounts
from points.operations.receipts.drafts import Draft, resolve
from points.operations.refunds import file_before, locked_receipt, refund_entry
from points.operations.restating import restate
from points.queries import Standing, standing
from points.rules import NewCorrection, NewReceipt, available_for, points_for
from scheme.queries import rules_of
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did: the new revision's points (0 without one) and totals as of then.

    `old` is where the patient of the corrected receipt stands now, `new` the patient of the new
    revision, None where nothing was entered again.
    """

    correction_id: int
    receipt_id: int
    receipt_number: str
    revision: int
    repeated: bool
    points: int
    cumulative: int
    available: int
    tier_reached: str | None
    old: Standing
    new: Standing | None


@operation
def correct_receipt(*, new: NewCorrection, by: User, now: datetime) -> Corrected:
    """Take a receipt back by a counter-entry and, unless `new.void`, enter it again (C39).

    Refunds of it move on to the new revision. Points, levels and reviews of everyone concerned
    become what they were if it had been right from the start. The same correction again only
    tells what happened. Raises Refusal 404 for an unknown receipt or file, 409 when somebody
    corrected it meanwhile, when it is void already or refunds don't fit it, 422 when nothing would
    change or the new day can't be counted.
    """
    receipt = locked_receipt(new.receipt_number, moves_to=new.file_number)
    if repeated := _repeated(new, receipt, now):
        return repeated
    _check_revision(new, receipt)
    draft = None if new.void else _draft(new, receipt, now)
    accounts = {receipt.patient.root_id} | ({draft.account_id} if draft else set())
    lock_accounts(accounts)
    carry_over(files=_files_before(receipt, draft), by=by, now=now)
    refunds = list(_live_refunds(receipt))
    correction = Correction.objects.create(
        receipt=receipt, voids=not receipt.voided, reason=new.reason, corrected_at=now, by=by
    )
    causes: dict[int, int | None] = {}
    if correction.voids:
        causes |= _post([_reversal(correction, receipt)], by)
    later = _enter_again(draft, receipt, correction, by) if draft else None
    if later:
        causes |= _post([_earning(later)], by)
        for refund in refunds:
            causes |= _post([_move(refund, later, correction, by)], by)
    restate(causes=causes, by=by, now=now)
    return _told(correction, later, now, repeated=False)


@operation
def void_refund(
    *, refund_number: str, reason: str, by: User, now: datetime, revision: int | None = None
) -> Corrected:
    """Take back a refund that was entered by mistake; its points come back (C39).

    The right one is then entered as any other, under the same number if need be. `revision` is
    the one that was looked at, None for the newest. Raises Refusal 404 for an unknown refund, 409
    when it or its receipt was taken back already.
    """
    found = Refund.objects.filter(number=refund_number).order_by("-revision")
    number = found.values_list("receipt__number", flat=True).first()
    if number is None:
        message = f"没有退费单号为 {refund_number} 的退费，请核对"
        raise Refusal("unknown_refund", 404, message, "refund_number")
    receipt = locked_receipt(number)
    refund = found[0]
    if refund.voided or revision not in (None, refund.revision):
        message = f"退费单 {refund_number} 已经冲正，没有再冲一次"
        raise Refusal("refund_voided", 409, message, "refund_number")
    if receipt.voided:
        raise receipt_voided(receipt.number)
    lock_accounts([receipt.patient.root_id])
    carry_over(files=file_before(receipt), by=by, now=now)
    correction = Correction.objects.create(
        receipt=receipt, refund=refund, voids=False, reason=reason, corrected_at=now, by=by
    )
    restate(causes=_post([_reversal(correction, receipt)], by), by=by, now=now)
    return _told(correction, None, now, repeated=False)


def _repeated(new: NewCorrection, receipt: Receipt, now: datetime) -> Corrected | None:
    """What happened, where this very correction is the last thing that was done to the receipt."""
    made = Correction.objects.filter(receipt__number=new.receipt_number, refund=None)
    last = made.order_by("-pk").first()
    if last is None or new.reason != last.reason:
        return None
    if new.revision not in (None, last.receipt.revision):
        return None
    if new.void:
        return _told(last, None, now, repeated=True) if receipt.voided and last.voids else None
    before = last.receipt
    if receipt.correction_id != last.pk or not _is(receipt, _wanted(new, before)):
        return None
    return _told(last, receipt, now, repeated=True)


def _check_revision(new: NewCorrection, receipt: Receipt) -> None:
    if new.revision not in (None, receipt.revision):
        message = f"收据 {receipt.number} 已被更正为第 {receipt.revision} 版，请核对后再更正"
        raise Refusal("revision_changed", 409, message, "revision")
    if receipt.voided and not new.reenter:
        raise receipt_voided(receipt.number)
    if new.reenter and not receipt.voided:
        message = f"收据 {receipt.number} 没有冲正，不需要重录；内容有误请更正"
        raise Refusal("receipt_not_voided", 409, message, "reenter")


def _wanted(new: NewCorrection, receipt: Receipt) -> NewReceipt:
    """The receipt as it should have been: what was not given stays."""
    return NewReceipt(
        number=receipt.number,
        file_number=new.file_number or receipt.patient.file_number,
        amount=new.amount or receipt.amount,
        paid_at=new.paid_at or receipt.paid_at,
        department=receipt.department if new.department is None else new.department,
        doctor_number=receipt.doctor_number if new.doctor_number is None else new.doctor_number,
        note=receipt.note if new.note is None else new.note,
    )


def _is(receipt: Receipt, wanted: NewReceipt) -> bool:
    stored = NewReceipt(
        number=receipt.number,
        file_number=receipt.patient.file_number,
        amount=receipt.amount,
        paid_at=receipt.paid_at,
        department=receipt.department,
        doctor_number=receipt.doctor_number,
        note=receipt.note,
    )
    return stored == wanted


def _draft(new: NewCorrection, receipt: Receipt, now: datetime) -> Draft:
    wanted = _wanted(new, receipt)
    if not receipt.voided and _is(receipt, wanted):
        message = "更正的内容与原收据完全相同，没有什么可以更正"
        raise Refusal("nothing_changes", 422, message, "amount")
    _check_refunds(wanted, receipt)
    if not Patient.objects.filter(file_number=wanted.file_number).exists():
        raise unknown_patient(wanted.file_number)
    (draft,), _ = resolve([wanted], now)
    if isinstance(draft, Refusal):
        raise draft
    return draft


def _check_refunds(wanted: NewReceipt, receipt: Receipt) -> None:
    refunds = list(_live_refunds(receipt))
    given_back = sum(refund.amount for refund in refunds)
    if wanted.amount < given_back:
        message = f"这张收据已退 {given_back} 元，更正后的金额不能更小；退费有误请先冲正退费"
        raise Refusal("amount_below_refunds", 409, message, "amount")
    if any(refund.refunded_at < wanted.paid_at for refund in refunds):
        message = f"收费时间不能晚于已有的退费：{business_day(refunds[0].refunded_at)}"
        raise Refusal("refund_before_payment", 409, message, "paid_at")


def _files_before(receipt: Receipt, draft: Draft | None) -> dict[int, date | None]:
    files = file_before(receipt)
    if draft:
        earlier = files.get(draft.patient_id) or draft.rules.effective_from
        files[draft.patient_id] = min(earlier, draft.rules.effective_from)
    return files


def _live_refunds(receipt: Receipt) -> QuerySet[Refund]:
    return Refund.objects.filter(receipt=receipt, voided=False).order_by("pk")


def _enter_again(draft: Draft, receipt: Receipt, correction: Correction, by: User) -> Receipt:
    new = draft.new
    return Receipt.objects.create(
        number=receipt.number,
        revision=receipt.revision + 1,
        correction=correction,
        patient=Patient.objects.get(pk=draft.patient_id),
        amount=new.amount,
        rate=draft.rules.points_per_yuan,
        paid_at=new.paid_at,
        department=new.department,
        doctor_number=new.doctor_number,
        note=new.note,
        scheme_id=draft.scheme_id,
        by=by,
    )


def _post(entries: Iterable[ledger.NewEntry], by: User) -> dict[int, int | None]:
    """Post them one by one; the last entry by account."""
    posted: dict[int, int | None] = {}
    for entry in entries:
        posted[entry.account_id] = ledger.post(entries=[entry], by=by)[entry.reference].entry_id
    return posted


def _reversal(correction: Correction, receipt: Receipt) -> ledger.NewEntry:
    return replace(
        _earning(receipt),
        kind=PointsEntry.Kind.REVERSAL,
        cumulative_delta=correction.points,
        available_delta=available_for(correction.points, rules_of(receipt.scheme_id)),
        occurred_at=correction.corrected_at,
        reference=correction.reference,
    )


def _earning(receipt: Receipt) -> ledger.NewEntry:
    return ledger.NewEntry(
        account_id=receipt.patient.root_id,
        kind=PointsEntry.Kind.EARN,
        cumulative_delta=receipt.net_points,
        available_delta=available_for(receipt.net_points, rules_of(receipt.scheme_id)),
        occurred_at=receipt.paid_at,
        reference=receipt.reference,
        scheme_id=receipt.scheme_id,
    )


def _move(refund: Refund, later: Receipt, correction: Correction, by: User) -> ledger.NewEntry:
    """The refund once more, on the new revision of its receipt."""
    moved = Refund.objects.create(
        number=refund.number,
        revision=refund.revision + 1,
        correction=correction,
        receipt=later,
        amount=refund.amount,
        refunded_at=refund.refunded_at,
        reason=refund.reason,
        by=by,
    )
    return refund_entry(moved, later)


def _told(
    correction: Correction, later: Receipt | None, now: datetime, *, repeated: bool
) -> Corrected:
    shown = later or correction.receipt
    references = [correction.reference]
    if later:
        moved = Refund.objects.filter(correction=correction).values_list("reference", flat=True)
        references = [later.reference, *moved]
    *_, posted = PointsEntry.objects.filter(reference__in=references).order_by("seq")
    return Corrected(
        correction_id=correction.pk,
        receipt_id=shown.pk,
        receipt_number=shown.number,
        revision=shown.revision,
        repeated=repeated,
        points=points_for(later.amount, later.rate) if later else 0,
        cumulative=posted.cumulative_after,
        available=posted.available_after,
        tier_reached=_tier_of(later) if later else None,
        old=standing(correction.receipt.patient.root_id, day=business_day(now)),
        new=standing(later.patient.root_id, day=business_day(now)) if later else None,
    )


def _tier_of(receipt: Receipt) -> str | None:
    """The level that is held because of this receipt."""
    reached = TierReached.objects.filter(
        entry__reference=receipt.reference, restated_by=None, at_enrolment=False
    )
    return reached.values_list("tier", flat=True).first()
