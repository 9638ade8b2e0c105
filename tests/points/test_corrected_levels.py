"""After a correction, levels and reviews are as if it had been right from the start (C39, C18)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from members.models import Membership, Patient
from points.models import TierReached, TierReview
from points.operations.reviews import decide_review
from points.queries import standing
from scheme.queries import rules_on
from staff.models import Approval, User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import corrected, legacy, member, receipt, refund, taken_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_order")]

KEEP, RECOVER, WAIVE = TierReview.Decision
LONG_AGO = timezone.now() - timedelta(days=40)


@pytest.fixture
def vip() -> Membership:
    """A VIP whose receipt R1 of 12,000 yuan is what the level stands on."""
    membership = member(patient("A"))
    receipt(membership.patient, "12000", at=LONG_AGO, number="R1")
    return membership


@pytest.fixture
def other() -> Membership:
    return member(patient("B"))


def tier(membership: Membership) -> str | None:
    return standing(membership.patient_id).tier


def levels(file: Patient) -> list[tuple[object, ...]]:
    """The levels that hold, without their keys."""
    rows = TierReached.objects.filter(membership__patient=file, restated_by=None)
    told = rows.order_by("rank", "pk").values_list(
        "tier", "path", "points", "amount", "day", "at_enrolment"
    )
    return list(told)


def decide(decision: TierReview.Decision, by: User) -> TierReview:
    review = TierReview.objects.waiting().get()
    return decide_review(
        review_id=review.pk, decision=decision, sentence="同意", by=by, now=timezone.now()
    )


def test_a_level_goes_to_who_paid_for_it(other: Membership, vip: Membership) -> None:
    done = corrected("R1", file_number="B")
    assert (done.old.tier, done.tier_reached) == ("ordinary", "vip")
    assert done.new and done.new.tier == "vip"
    gone = TierReached.objects.get(membership=vip, tier="vip")
    assert gone.restated_by and gone.restated_by.reference == "reversal:receipt:R1#1"
    assert TierReached.objects.get(membership=other, tier="vip").restated_by is None


def test_both_have_what_they_had_if_it_had_been_right_from_the_start() -> None:
    wrong, right, twin_wrong, twin_right = (patient(file) for file in "ABCD")
    for one, two, paid in ((wrong, right, wrong), (twin_wrong, twin_right, twin_right)):
        member(one)
        member(two, "5000")
        receipt(paid, "4800", at=LONG_AGO, number=f"R{one.file_number}")
        receipt(one, "1500", at=LONG_AGO)
        receipt(two, "9000", at=LONG_AGO)
        refund(f"R{one.file_number}", "300")
    assert levels(wrong) != levels(twin_wrong)
    corrected("RA", file_number="B")
    assert levels(wrong) == levels(twin_wrong)
    assert levels(right) == levels(twin_right)
    assert [stand.visits for stand in map(standing, (wrong.pk, right.pk))] == [
        stand.visits for stand in map(standing, (twin_wrong.pk, twin_right.pk))
    ]


def test_corrected_back_all_is_as_before(vip: Membership, other: Membership) -> None:
    receipt(vip.patient, "20000")
    before = levels(vip.patient), levels(other.patient)
    corrected("R1", file_number="B")
    assert levels(vip.patient) != before[0]
    corrected("R1", file_number="A")
    assert (levels(vip.patient), levels(other.patient)) == before


def test_who_joined_by_a_receipt_of_somebody_else_stays_without_a_level() -> None:
    someone = patient("A")
    patient("B")
    receipt(someone, "1000", number="R1")
    membership = member(someone, "0.50")
    done = corrected("R1", file_number="B")
    assert (done.old.membership_id, done.old.tier, done.old.cumulative) == (membership.pk, None, 0)
    rules = rules_on(business_day(timezone.now()))
    assert rules and done.new and done.new.can_enrol(rules)
    assert receipt(someone, "1000").tier_reached == "ordinary"


def test_the_level_of_the_enrolment_changes() -> None:
    someone = patient("A")
    receipt(someone, "5000", number="R1")
    member(someone, "0.50")
    assert [row[0] for row in levels(someone)] == ["senior"]
    done = corrected("R1", amount=Decimal(1000))
    assert done.old.tier == "ordinary"
    assert [(row[0], row[-1]) for row in levels(someone)] == [("ordinary", True)]
    assert done.tier_reached is None, "reached by the enrolment, not by the receipt"


def test_two_receipts_of_a_day_no_longer_make_one_visit() -> None:
    someone = patient("A")
    member(someone)
    midnight = timezone.now() - timedelta(days=30)
    receipt(someone, "3000", at=midnight)
    assert receipt(someone, "2000", at=midnight, number="R1").tier_reached == "senior"
    assert corrected("R1", paid_at=midnight - timedelta(days=1)).old.tier == "ordinary"
    assert corrected("R1", paid_at=midnight).tier_reached == "senior"


def test_a_correction_that_leaves_a_level_without_ground_after_a_refund_opens_a_review(
    vip: Membership, other: Membership
) -> None:
    receipt(vip.patient, "11000", number="R2")
    assert not refund("R1", "12000", number="T1").review_opened
    corrected("R2", file_number="B")
    review = TierReview.objects.waiting().get()
    assert (review.membership, review.tier, review.supported_tier) == (vip, "vip", "ordinary")
    assert review.entry.reference == "refund:T1"
    assert tier(vip) == "vip"


def test_a_review_of_a_level_that_never_was_is_withdrawn(
    vip: Membership, other: Membership
) -> None:
    refund("R1", "11000")
    asked = Approval.objects.waiting().get()
    corrected("R1", void=True)
    asked.refresh_from_db()
    assert (asked.withdrawn_reason, asked.is_waiting) == (
        "积分更正后，这项复核不再需要",
        False,
    )
    assert not TierReview.objects.waiting().exists()
    assert tier(vip) == "ordinary"


def test_a_review_moves_to_the_patient_whose_receipt_it_was(
    vip: Membership, other: Membership
) -> None:
    refund("R1", "11000", number="T1")
    corrected("R1", file_number="B")
    review = TierReview.objects.waiting().get()
    assert (review.membership, review.entry.reference) == (other, "refund#2:T1")
    assert Approval.objects.waiting().get() == review.approval
    assert (tier(vip), tier(other)) == ("ordinary", "vip")


def test_a_waiting_review_asks_what_the_right_amount_asks(vip: Membership) -> None:
    refund("R1", "10500")
    first = TierReview.objects.waiting().get()
    corrected("R1", amount=Decimal(18000))
    review = TierReview.objects.waiting().get()
    assert (first.supported_tier, review.supported_tier) == ("ordinary", "senior")
    assert Approval.objects.waiting().get() == review.approval != first.approval


def test_a_refund_that_was_none_needs_no_review(vip: Membership) -> None:
    refund("R1", "11000", number="T1")
    taken_back("T1")
    assert not TierReview.objects.waiting().exists()
    assert not Approval.objects.waiting().exists()
    assert tier(vip) == "vip"


def test_a_decided_review_that_no_longer_follows_takes_nothing(
    vip: Membership, manager: User
) -> None:
    refund("R1", "11000", number="T1")
    decide(WAIVE, manager)
    assert tier(vip) == "ordinary"
    taken_back("T1")
    assert tier(vip) == "vip"
    assert Approval.objects.get().decision == WAIVE, "the word was given, and is on record"


def test_a_decision_holds_again_when_the_correction_is_corrected_back(
    vip: Membership, manager: User
) -> None:
    receipt(vip.patient, "100", number="R2")
    refund("R1", "11000")
    decided = decide(WAIVE, manager)
    before = levels(vip.patient)
    corrected("R2", amount=Decimal(10000), reason="少打两个 0")
    assert tier(vip) == "vip"
    assert not TierReview.objects.live().exists()
    corrected("R2", amount=Decimal(100), reason="原来没有错")
    assert levels(vip.patient) == before
    back = TierReview.objects.live().get()
    assert (back.approval, back.decision) == (decided.approval, WAIVE)
    assert back.decided_at == decided.decided_at
    assert Approval.objects.count() == 1


def test_a_question_that_waited_waits_again_when_the_correction_is_corrected_back(
    vip: Membership,
) -> None:
    receipt(vip.patient, "100", number="R2")
    refund("R1", "11000")
    corrected("R2", amount=Decimal(10000), reason="少打两个 0")
    assert not Approval.objects.waiting().exists()
    corrected("R2", amount=Decimal(100), reason="原来没有错")
    review = TierReview.objects.waiting().get()
    assert Approval.objects.waiting().get() == review.approval


def test_a_level_that_was_kept_is_kept_through_a_correction_that_changes_nothing_for_it(
    vip: Membership, manager: User
) -> None:
    receipt(vip.patient, "100", number="R2")
    refund("R1", "11000")
    review = decide(KEEP, manager)
    corrected("R2", amount=Decimal(200))
    assert TierReview.objects.live().get() == review
    assert tier(vip) == "vip"


def test_legacy_points_and_a_correction_together_reach_a_level() -> None:
    someone = patient("A")
    member(someone)
    asked = legacy((someone, 20000))
    receipt(someone, "3000", number="R1")
    assert asked.decision == ""
    assert corrected("R1", amount=Decimal(5000)).tier_reached == "senior"


def test_a_refund_entered_again_keeps_its_own_place_when_it_moves_on(vip: Membership) -> None:
    refund("R1", "11000", number="T1")
    taken_back("T1")
    receipt(vip.patient, "13000", at=LONG_AGO + timedelta(days=3))
    assert refund("R1", "11500", number="T1").review_opened
    before = levels(vip.patient)
    corrected("R1", note="补写备注")
    assert (tier(vip), levels(vip.patient)) == ("diamond", before)
    assert TierReview.objects.waiting().get().entry.reference == "refund#3:T1"


@pytest.mark.parametrize("changes", [{"note": "补写备注"}, {"amount": Decimal(12001)}])
def test_a_decision_outlives_a_correction_that_changes_nothing_for_it(
    vip: Membership, manager: User, changes: dict[str, Any]
) -> None:
    refund("R1", "11000")
    decide(WAIVE, manager)
    corrected("R1", **changes)
    assert (tier(vip), TierReview.objects.waiting().exists()) == ("ordinary", False)


def test_a_question_that_moved_on_unanswered_is_answered_where_it_is_asked(
    vip: Membership, manager: User
) -> None:
    refund("R1", "11000")
    corrected("R1", note="补写备注")
    decide(WAIVE, manager)
    assert (tier(vip), TierReview.objects.waiting().exists()) == ("ordinary", False)


@pytest.mark.parametrize("way", [("B",), ("C", "B"), ("", "C", "B")])
def test_an_answer_goes_along_with_its_receipt_on_whatever_way(
    vip: Membership, other: Membership, manager: User, way: tuple[str, ...]
) -> None:
    patient("C")
    refund("R1", "11000")
    decided = decide(KEEP, manager)
    void = False
    for file in way:
        corrected("R1", **({"file_number": file, "reenter": void} if file else {"void": True}))
        void = not file
    review = TierReview.objects.live().get()
    assert (review.membership, review.approval) == (other, decided.approval)
    assert (tier(vip), tier(other), review.decision) == ("ordinary", "vip", KEEP)
