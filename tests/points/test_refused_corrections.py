"""Corrections that are refused, each with its sentence (C39)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from members.models import Patient
from staff.exceptions import Refusal
from tests.factories.members import patient
from tests.factories.points import corrected, legacy, receipt, refund, taken_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_order")]

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def someone() -> Patient:
    return patient("A")


@pytest.fixture
def other() -> Patient:
    return patient("B")


def refusal(number: str, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        corrected(number, **changes)
    return refused.value


def test_somebody_corrected_it_meanwhile(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    corrected("R1", amount=Decimal("90"))
    refused = refusal("R1", amount=Decimal("80"), revision=1)
    assert (refused.status, refused.code) == (409, "revision_changed")
    assert refused.message == "收据 R1 已被更正为第 2 版，请核对后再更正"


def test_what_changes_nothing_is_refused(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    unchanged: list[dict[str, Any]] = [
        {},
        {"file_number": "A"},
        {"amount": Decimal("100.00"), "note": ""},
    ]
    for same in unchanged:
        assert (refusal("R1", **same).status, refusal("R1", **same).code) == (
            422,
            "nothing_changes",
        )


def test_what_was_taken_back_is_not_taken_back_again(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    refund("R1", "1", number="T1")
    corrected("R1", void=True)
    assert refusal("R1", void=True, reason="又一次").code == "receipt_voided"
    with pytest.raises(Refusal, match="收据号 R1 已冲正"):
        taken_back("T1")


def test_a_refund_is_taken_back_once(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    refund("R1", "1", number="T1")
    taken_back("T1")
    with pytest.raises(Refusal, match="退费单 T1 已经冲正，没有再冲一次") as refused:
        taken_back("T1")
    assert (refused.value.status, refused.value.code) == (409, "refund_voided")
    with pytest.raises(Refusal, match="没有退费单号为 T9 的退费，请核对") as refused:
        taken_back("T9")
    assert refused.value.status == 404


def test_more_was_given_back_than_the_right_amount(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    refund("R1", "40")
    refund("R1", "10.01")
    refused = refusal("R1", amount=Decimal("50"))
    assert (refused.status, refused.code, refused.field) == (409, "amount_below_refunds", "amount")
    assert "已退 50.01 元" in refused.message
    assert corrected("R1", amount=Decimal("50.01")).cumulative == 0


def test_a_payment_is_not_moved_behind_its_refund(someone: Patient) -> None:
    at = timezone.now() - timedelta(days=2)
    receipt(someone, "100", number="R1", at=at)
    refund("R1", "40", at=at + timedelta(hours=1))
    refused = refusal("R1", paid_at=at + timedelta(days=1))
    assert (refused.status, refused.code) == (409, "refund_before_payment")


def test_unknown_receipts_and_files_are_refused(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    assert (refusal("R9").status, refusal("R9").code) == (404, "unknown_receipt")
    refused = refusal("R1", file_number="Z")
    assert (refused.status, refused.code) == (404, "unknown_patient")


def test_a_day_that_legacy_points_stand_for_is_refused(someone: Patient, other: Patient) -> None:
    legacy((other, 20000))
    at = datetime(2025, 12, 31, 4, tzinfo=UTC)
    receipt(someone, "100", number="R1", at=at)
    refused = refusal("R1", file_number="B")
    assert (refused.status, refused.code) == (422, "counted_as_legacy")
    assert corrected("R1", file_number="B", paid_at=at + timedelta(days=1)).cumulative == 100


def test_a_day_before_the_first_version_is_refused(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    refused = refusal("R1", paid_at=datetime(2013, 9, 30, tzinfo=SHANGHAI))
    assert (refused.status, refused.code) == (422, "before_first_scheme")


def test_what_was_taken_back_meanwhile_is_not_entered_again_unseen(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    corrected("R1", void=True, revision=1, reason="没有这笔收费")
    assert refusal("R1", amount=Decimal("90"), revision=1).status == 409


def test_what_was_not_taken_back_is_not_entered_again(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    assert refusal("R1", reenter=True).code == "receipt_not_voided"
