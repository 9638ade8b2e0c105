"""Receipts, refunds, corrections and members, through the real operations."""

from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from members.models import Membership, Patient
from points.models import LegacyConfirmation
from points.operations.corrections import Corrected, correct_receipt, void_refund
from points.operations.enrolment import enrol
from points.operations.legacy import decide_confirmation, request_confirmation, save_balances
from points.operations.receipts import Recorded, record_receipt
from points.operations.refunds import Refunded, record_refund
from points.rules import NewCorrection, NewLegacy, NewReceipt, NewRefund
from staff.models import User
from staff.rules import business_day
from tests.factories.imports import import_record
from tests.factories.members import resident_id
from tests.factories.staff import user

_numbers = count(1)


def receipt(
    patient: Patient,
    amount: str,
    *,
    at: datetime | None = None,
    number: str = "",
    by: User | None = None,
) -> Recorded:
    """A payment in yuan, at `at` (default: now)."""
    now = timezone.now()
    new = NewReceipt(
        number=number or f"R{next(_numbers):06d}",
        file_number=patient.file_number,
        amount=Decimal(amount),
        paid_at=at or now,
    )
    return record_receipt(new=new, by=by or User.objects.system(), now=now)


def refund(
    receipt_number: str,
    amount: str,
    *,
    at: datetime | None = None,
    number: str = "",
    by: User | None = None,
) -> Refunded:
    """A refund in yuan, at `at` (default: now)."""
    now = timezone.now()
    new = NewRefund(
        number=number or f"T{next(_numbers):06d}",
        receipt_number=receipt_number,
        amount=Decimal(amount),
        refunded_at=at or now,
        reason="治疗未做",
    )
    return record_refund(new=new, by=by or User.objects.system(), now=now)


def corrected(
    receipt_number: str, *, reason: str = "录错", by: User | None = None, **changes: Any
) -> Corrected:
    """A receipt put right: `changes` are the fields of `NewCorrection`, `void=True` reverses it."""
    new = NewCorrection(receipt_number, reason, **changes)
    return correct_receipt(new=new, by=by or User.objects.system(), now=timezone.now())


def taken_back(refund_number: str, *, by: User | None = None) -> Corrected:
    """A refund that was a mistake."""
    return void_refund(
        refund_number=refund_number,
        reason="退费录错",
        by=by or User.objects.system(),
        now=timezone.now(),
    )


def legacy(
    *people: tuple[Patient, int], until: date = date(2025, 12, 31), by: User | None = None
) -> LegacyConfirmation:
    """A file of legacy points that waits for the second person."""
    by, now = by or user(), timezone.now()
    batch = import_record("legacy_points", by=by, rows=len(people))
    rows = [NewLegacy(file.file_number, file.name, points, until) for file, points in people]
    assert save_balances(rows=rows, by=by, now=now, batch=batch) == ["new"] * len(rows)
    asked = request_confirmation(batch=batch, by=by, now=now)
    assert asked
    return asked


def confirmed(asked: LegacyConfirmation, confirm: bool = True) -> LegacyConfirmation:
    """The second person's word on a file of legacy points."""
    return decide_confirmation(
        confirmation_id=asked.pk,
        confirm=confirm,
        sentence="已核对原系统",
        by=user(),
        now=timezone.now(),
    )


def enrolment(**given: object) -> dict[str, object]:
    """The registration form R69, filled in for an adult; `given` replaces answers."""
    return {
        "name": "张三丰",
        "sex": "male",
        "phone": "13987451234",
        "id_number": resident_id(),
        "address": "云南省曲靖市麒麟区南宁西路1号",
        "accepts_follow_up": True,
        "accepts_post": False,
        "accepts_activities": True,
        "explained": True,
        "signed_on": business_day(timezone.now()).isoformat(),
        **given,
    }


def member(patient: Patient, amount: str = "1000", **given: object) -> Membership:
    """The patient as a member, after a payment that allows it."""
    receipt(patient, amount)
    form = enrolment(**given)
    now = timezone.now()
    return enrol(
        file_number=patient.file_number, given=form, by=User.objects.system(), now=now
    ).membership
