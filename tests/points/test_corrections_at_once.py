"""Corrections while others correct, refund, merge and pay, with real threads (C39)."""

import os
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from members.models import FileMerge
from points.models import Correction, LegacyConfirmation, PointsEntry, Receipt, TierReview
from points.operations.corrections import Corrected
from points.operations.legacy import decide_confirmation
from points.operations.merging import decide_merge
from points.queries import broken_rows, standing
from staff.models import User
from tests.factories.members import patient
from tests.factories.merging import asked_merge
from tests.factories.points import corrected, legacy, member, receipt, refund, taken_back
from tests.factories.staff import user
from tests.points.crowd import ROUNDS, THREADS, Crowd, decided, give_back, pay, refused

FEW = ROUNDS if os.environ.get("PROVE") else 8

pytestmark = pytest.mark.usefixtures("committing", "in_force")


def correcting(number: str, by: User, **changes: Any) -> Callable[[], Corrected]:
    return lambda: corrected(number, by=by, **changes)


def deciding(merge: FileMerge, by: User) -> Callable[[], FileMerge]:
    return lambda: decide_merge(
        merge_id=merge.pk, approve=True, sentence="已核对", by=by, now=timezone.now()
    )


def confirming(asked: LegacyConfirmation, by: User) -> Callable[[], LegacyConfirmation]:
    return lambda: decide_confirmation(
        confirmation_id=asked.pk, confirm=True, sentence="已核对", by=by, now=timezone.now()
    )


def test_one_correction_sent_by_eight_is_made_once(at_once: Crowd) -> None:
    by, right = User.objects.system(), patient("right")
    for number in range(FEW):
        receipt(patient(), "100", number=f"R{number}")
        outcomes = at_once(*[correcting(f"R{number}", by, file_number="right")] * THREADS)
        told = refused(outcomes)
        assert set(told) <= {"receipt_just_corrected"}, "asked again, it tells what happened"
        made = [one for one in outcomes if isinstance(one, Corrected)]
        assert [one.repeated for one in made].count(False) == 1
        assert corrected(f"R{number}", by=by, file_number="right").repeated
    assert Correction.objects.count() == FEW
    assert standing(right.pk).cumulative == 100 * FEW
    assert list(broken_rows()) == []


def test_of_two_corrections_of_what_was_seen_one_is_refused(at_once: Crowd) -> None:
    by = User.objects.system()
    for number in range(FEW):
        someone = patient()
        receipt(someone, "100", number=f"R{number}")
        calls = [correcting(f"R{number}", by, revision=1, amount=Decimal(n)) for n in (80, 90)]
        assert refused(at_once(*calls)) == ["revision_changed"]
        assert standing(someone.pk).cumulative in (80, 90)
    assert Correction.objects.count() == FEW
    assert list(broken_rows()) == []


def test_a_correction_and_a_refund_leave_what_both_say(at_once: Crowd) -> None:
    by, right = User.objects.system(), patient("right")
    for number in range(FEW):
        receipt(patient(), "100", number=f"R{number}")
        calls: list[Callable[[], object]] = [
            correcting(f"R{number}", by, file_number="right"),
            give_back(f"T{number}", f"R{number}", "30", by),
        ]
        told = refused(at_once(*calls))
        assert set(told) <= {"receipt_just_corrected"}
        if told:
            refund(f"R{number}", "30", number=f"T{number}")
    assert standing(right.pk).cumulative == 70 * FEW
    assert list(broken_rows()) == []


def test_a_refund_is_taken_back_once(at_once: Crowd) -> None:
    by = User.objects.system()
    for number in range(FEW):
        someone = patient()
        receipt(someone, "100", number=f"R{number}")
        refund(f"R{number}", "30", number=f"T{number}")
        outcomes = at_once(*[lambda number=number: taken_back(f"T{number}", by=by)] * 4)
        assert refused(outcomes) == ["refund_voided"] * 3
        assert standing(someone.pk).cumulative == 100
    assert list(broken_rows()) == []


def test_two_receipts_change_places_between_two_files(at_once: Crowd) -> None:
    by, one, two = User.objects.system(), patient("one"), patient("two")
    for number in range(FEW):
        receipt(one, "100", number=f"A{number}")
        receipt(two, "7", number=f"B{number}")
        calls = [
            correcting(f"A{number}", by, file_number="two"),
            correcting(f"B{number}", by, file_number="one"),
        ]
        assert not refused(at_once(*calls))
    assert (standing(one.pk).cumulative, standing(two.pk).cumulative) == (7 * FEW, 100 * FEW)
    assert list(broken_rows()) == []


def test_a_receipt_moves_while_its_files_are_merged(at_once: Crowd) -> None:
    by, manager = user(), user("总经理")
    for number in range(FEW):
        one, two = patient(), patient()
        receipt(one, "20", number=f"A{number}")
        receipt(two, "100", number=f"B{number}")
        calls: list[Callable[[], object]] = [
            deciding(asked_merge(one, two, by=by), manager),
            correcting(f"B{number}", by, file_number=one.file_number),
            pay(two, f"C{number}", "3", by),
            pay(one, f"D{number}", "4", by),
        ]
        assert not refused(at_once(*calls))
        assert [standing(file.pk).cumulative for file in (one, two)] == [127, 0]
    assert list(broken_rows()) == []


def test_a_decision_and_a_correction_that_makes_it_needless(at_once: Crowd) -> None:
    by, manager = User.objects.system(), user("总经理")
    for number in range(FEW):
        someone = patient()
        member(someone)
        receipt(someone, "12000", number=f"R{number}")
        refund(f"R{number}", "11000")
        review = TierReview.objects.waiting().get()
        calls: list[Callable[[], object]] = [
            correcting(f"R{number}", by, void=True),
            decided(review.pk, TierReview.Decision.WAIVE, manager),
        ]
        assert set(refused(at_once(*calls))) <= {"already_withdrawn"}
        assert standing(someone.pk).tier == "ordinary"
        assert not TierReview.objects.waiting().exists()
    assert list(broken_rows()) == []


def test_two_confirm_legacy_points_and_they_count_once(at_once: Crowd) -> None:
    managers = [user("总经理"), user("总经理")]
    for _ in range(FEW):
        someone = patient()
        asked = legacy((someone, 20_000))
        outcomes = at_once(*(confirming(asked, manager) for manager in managers))
        assert refused(outcomes) == ["already_decided"]
        assert standing(someone.pk).cumulative == 20_000
    assert PointsEntry.objects.count() == FEW
    assert list(broken_rows()) == []


def test_control_without_the_lock_on_the_receipt_two_corrections_are_made(
    at_once: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("points.operations.corrections.locked_receipt", unlocked_receipt)
    by = User.objects.system()
    codes = set()
    for number in range(FEW):
        receipt(patient(), "100", number=f"R{number}")
        calls = [correcting(f"R{number}", by, revision=1, amount=Decimal(n)) for n in (80, 90)]
        codes |= set(refused(at_once(*calls)))
    assert codes - {"revision_changed"}, "no race: these tests are void"
    assert list(broken_rows()) == [], "the database holds all the same"


def unlocked_receipt(number: str, **_: object) -> Receipt:
    return Receipt.objects.filter(number=number).select_related("patient").latest("revision")
