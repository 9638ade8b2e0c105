"""Receipts, refunds and members, through the real operations."""

from datetime import datetime
from decimal import Decimal
from itertools import count

from django.utils import timezone

from members.models import Membership, Patient
from points.operations.enrolment import enrol
from points.operations.receipts import Recorded, record_receipt
from points.operations.refunds import Refunded, record_refund
from points.rules import NewReceipt, NewRefund
from staff.models import User
from staff.rules import business_day
from tests.factories.members import resident_id

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
