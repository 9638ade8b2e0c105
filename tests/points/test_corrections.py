"""Mistakes put right by new entries: each way out (C39)."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from members.models import Patient
from points.models import Correction, PointsEntry, Receipt, Refund
from points.queries import Standing, standing
from scheme.queries import rules_on
from staff.exceptions import Refusal
from tests.factories.members import patient
from tests.factories.points import corrected, receipt, refund, taken_back
from tests.factories.scheme import draft, published_by_two

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_order")]

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def someone() -> Patient:
    return patient("A")


@pytest.fixture
def other() -> Patient:
    return patient("B")


def moves(file: Patient) -> list[tuple[str, int]]:
    """The ledger of a file: kind and points."""
    entries = PointsEntry.objects.filter(account=file.pk).order_by("seq")
    return list(entries.values_list("kind", "cumulative_delta"))


def can_enrol(stand: Standing) -> bool:
    rules = rules_on(timezone.now().date())
    assert rules
    return stand.can_enrol(rules)


def test_a_receipt_taken_back_gives_nothing_and_stays_in_the_history(someone: Patient) -> None:
    receipt(someone, "100.50", number="R1")
    done = corrected("R1", void=True)
    assert (done.revision, done.points, done.cumulative, done.new) == (1, 0, 0, None)
    assert (done.old.cumulative, done.old.visits) == (0, ())
    assert moves(someone) == [("earn", 100), ("reversal", -100)]
    assert Receipt.objects.get().voided


def test_taken_back_it_is_entered_again_under_the_same_number(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    corrected("R1", void=True)
    again = corrected("R1", reason="原来是对的", reenter=True)
    assert (again.revision, again.points, again.cumulative) == (2, 100, 100)
    assert moves(someone) == [("earn", 100), ("reversal", -100), ("earn", 100)]


def test_a_receipt_moves_to_the_patient_who_paid(someone: Patient, other: Patient) -> None:
    receipt(someone, "1000", number="R1")
    done = corrected("R1", file_number="B", reason="录错病人")
    assert (done.old.cumulative, can_enrol(done.old)) == (0, False)
    assert done.new
    assert (done.new.patient_id, done.new.cumulative) == (other.pk, 1000)
    assert can_enrol(done.new)
    assert Correction.objects.get().reason == "录错病人"


def test_a_wrong_amount_is_put_right(someone: Patient) -> None:
    receipt(someone, "1999.99", number="R1")
    done = corrected("R1", amount=Decimal("199.99"), note="多打一个 9")
    assert (done.points, done.cumulative, done.old) == (199, 199, done.new)
    assert Receipt.objects.get(revision=2).note == "多打一个 9"


def test_a_day_moved_by_a_second_changes_what_one_visit_came_to(someone: Patient) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=SHANGHAI)
    receipt(someone, "600", at=midnight)
    receipt(someone, "400", at=midnight + timedelta(hours=9), number="R1")
    assert can_enrol(standing(someone.pk))
    done = corrected("R1", paid_at=midnight - timedelta(seconds=1))
    assert (done.cumulative, can_enrol(done.old)) == (1000, False)
    assert [visit.total.points for visit in done.old.visits] == [400, 600]


def test_in_another_version_s_day_that_version_counts(someone: Patient) -> None:
    published_by_two(draft("qujing_dental_both", points_per_yuan="2"))
    receipt(someone, "100.50", at=datetime(2026, 1, 1, tzinfo=SHANGHAI), number="R1")
    before = standing(someone.pk)
    done = corrected("R1", paid_at=datetime(2025, 12, 31, 23, 59, 59, tzinfo=SHANGHAI))
    assert (before.cumulative, before.available) == (201, 201)
    assert (done.points, done.cumulative, done.available) == (100, 100, 0)
    back = corrected("R1", paid_at=datetime(2026, 1, 1, tzinfo=SHANGHAI))
    assert (back.revision, back.cumulative, back.available) == (3, 201, 201)


def test_refunds_move_on_with_their_receipt_and_its_floors(
    someone: Patient, other: Patient
) -> None:
    receipt(someone, "100.50", number="R1")
    assert [refund("R1", part, number=f"T{part}").points for part in ("0.50", "0.01")] == [0, -1]
    done = corrected("R1", file_number="B", amount=Decimal("100.25"))
    assert (done.points, done.cumulative, done.old.cumulative) == (100, 99, 0)
    assert moves(other) == [("earn", 100), ("refund", -1), ("refund", 0)]
    moved = Refund.objects.filter(receipt__revision=2).order_by("pk")
    assert list(moved.values_list("number", "revision")) == [("T0.50", 2), ("T0.01", 2)]


def test_a_moved_refund_is_known_by_its_number(someone: Patient, other: Patient) -> None:
    at = timezone.now()
    receipt(someone, "100", number="R1", at=at)
    refund("R1", "40", number="T1", at=at)
    corrected("R1", file_number="B")
    again = refund("R1", "40", number="T1", at=at)
    assert (again.repeated, again.points, again.standing.patient_id) == (True, -40, other.pk)
    assert refund("R1", "60").cumulative == 0


def test_a_refund_taken_back_is_entered_again_under_its_number(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    refund("R1", "40", number="T1")
    done = taken_back("T1")
    assert (done.points, done.cumulative, done.new) == (0, 100, None)
    again = refund("R1", "30", number="T1")
    assert (again.repeated, again.points, again.cumulative) == (False, -30, 70)
    assert moves(someone)[1:] == [("refund", -40), ("reversal", 40), ("refund", -30)]


def test_a_refund_taken_back_that_is_sent_again_is_not_made_again(someone: Patient) -> None:
    at = timezone.now()
    receipt(someone, "100", number="R1", at=at)
    refund("R1", "40", number="T1", at=at)
    taken_back("T1")
    again = refund("R1", "40", number="T1", at=at)
    assert (again.repeated, again.cumulative, again.standing.cumulative) == (True, 60, 100)


def test_a_refund_taken_back_does_not_move_on(someone: Patient, other: Patient) -> None:
    receipt(someone, "100", number="R1")
    refund("R1", "40", number="T1")
    taken_back("T1")
    assert corrected("R1", file_number="B").cumulative == 100
    assert refund("R1", "100", number="T1").cumulative == 0


def test_a_receipt_is_corrected_more_than_once(someone: Patient, other: Patient) -> None:
    third = patient("C")
    receipt(someone, "100", number="R1")
    corrected("R1", file_number="B")
    done = corrected("R1", file_number="C", amount=Decimal("120"), revision=2)
    assert (done.revision, done.cumulative) == (3, 120)
    assert done.old.patient_id == other.pk
    assert [standing(file.pk).cumulative for file in (someone, other, third)] == [0, 0, 120]


def test_c3_points_to_spend_move_too(someone: Patient, other: Patient) -> None:
    published_by_two(draft("qujing_dental_both"))
    receipt(someone, "100", number="R1")
    refund("R1", "30")
    done = corrected("R1", file_number="B")
    assert (done.old.available, done.available) == (0, 70)


@pytest.mark.parametrize("how", [{"void": True}, {"file_number": "B"}, {"amount": Decimal(7)}])
def test_the_same_correction_again_only_tells_what_happened(
    someone: Patient, other: Patient, how: dict[str, Any]
) -> None:
    receipt(someone, "100", number="R1")
    first = corrected("R1", revision=1, **how)
    receipt(other, "5")
    again = corrected("R1", revision=1, **how)
    assert (again.repeated, again.correction_id) == (True, first.correction_id)
    assert (again.points, again.cumulative) == (first.points, first.cumulative)
    assert Correction.objects.count() == 1


def test_the_same_correction_of_a_later_revision_is_another_one(
    someone: Patient, other: Patient
) -> None:
    receipt(someone, "100", number="R1")
    for revision, file in enumerate(("B", "A", "B"), 1):
        done = corrected("R1", file_number=file, revision=revision)
        assert (done.repeated, done.revision) == (False, revision + 1)
    assert (standing(someone.pk).cumulative, standing(other.pk).cumulative) == (0, 100)


def test_the_hospital_s_system_sends_the_original_again_and_hears_what_it_heard_then(
    someone: Patient, other: Patient
) -> None:
    at = timezone.now()
    first = receipt(someone, "100", number="R1", at=at)
    corrected("R1", file_number="B", amount=Decimal("90"))
    again = receipt(someone, "100", number="R1", at=at)
    assert again.repeated
    assert (again.points, again.cumulative) == (first.points, first.cumulative)
    assert again.standing.cumulative == 0
    right = receipt(other, "90", number="R1", at=at)
    assert (right.repeated, right.cumulative) == (True, 90)
    with pytest.raises(Refusal, match="收据号 R1 已用于 .* 的一笔 90 元收费"):
        receipt(other, "91", number="R1", at=at)


def test_a_number_taken_back_is_not_taken_by_another_payment(someone: Patient) -> None:
    receipt(someone, "100", number="R1")
    corrected("R1", void=True)
    assert receipt(someone, "100", number="R1").repeated
    with pytest.raises(Refusal, match="收据号 R1 已冲正，不再计分") as refused:
        receipt(someone, "90", number="R1")
    assert refused.value.code == "receipt_voided"
    with pytest.raises(Refusal, match="收据号 R1 已冲正"):
        refund("R1", "1")
