"""C18: a refund never lowers a level; a second person decides what becomes of it."""

import pytest
from django.utils import timezone

from members.models import Membership
from points.models import TierReached, TierReview
from points.operations.reviews import decide_review
from points.queries import broken_rows, standing
from scheme.models import Scheme
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund

pytestmark = pytest.mark.django_db

KEEP, RECOVER, WAIVE = TierReview.Decision


@pytest.fixture
def vip(scheme: Scheme) -> Membership:
    """A VIP whose receipt B of 12,000 yuan is what the level stands on."""
    someone = patient("A")
    membership = member(someone, "1000")
    receipt(someone, "12000", number="B")
    return membership


def tier(membership: Membership) -> str | None:
    return standing(membership.patient_id).tier


def decide(decision: TierReview.Decision, by: User, sentence: str = "同意") -> TierReview:
    review = TierReview.objects.get(decision="")
    return decide_review(
        review_id=review.pk, decision=decision, sentence=sentence, by=by, now=timezone.now()
    )


def test_a_level_that_lost_its_ground_stays_and_opens_a_review(vip: Membership) -> None:
    assert refund("B", "3000.01").review_opened
    assert tier(vip) == "vip"
    review = TierReview.objects.get()
    assert (review.tier, review.supported_tier) == ("vip", "senior")
    assert review.approval.summary.endswith("退费后积分只支持高级会员，现为VIP会员")


def test_a_level_that_still_stands_opens_nothing(vip: Membership) -> None:
    assert not refund("B", "3000").review_opened
    assert not TierReview.objects.exists()


def test_a_patient_who_is_no_member_has_no_review(scheme: Scheme) -> None:
    receipt(patient(), "12000", number="B")
    assert not refund("B", "12000").review_opened


def test_one_waiting_review_is_enough(vip: Membership) -> None:
    assert refund("B", "5000").review_opened
    assert not refund("B", "5000").review_opened
    assert TierReview.objects.count() == 1


def test_a_refund_after_a_higher_level_is_taken_while_a_review_waits(vip: Membership) -> None:
    refund("B", "12000")
    receipt(vip.patient, "20000", number="C")
    assert tier(vip) == "diamond"
    assert not refund("C", "20000").review_opened
    assert list(broken_rows()) == []


def test_a_level_that_was_kept_is_not_asked_about_again(vip: Membership, manager: User) -> None:
    refund("B", "5000")
    decide(KEEP, manager)
    assert not refund("B", "1000").review_opened
    assert refund("B", "3000").review_opened, "now even less supports it"
    assert list(broken_rows()) == []


@pytest.mark.parametrize("decision", [RECOVER, WAIVE])
def test_r5_taken_back_the_member_has_what_the_points_support(
    vip: Membership, manager: User, decision: TierReview.Decision
) -> None:
    refund("B", "5000")
    review = decide(decision, manager)
    assert tier(vip) == "senior"
    assert TierReached.objects.get(tier="vip").withdrawn_by == review
    assert TierReached.objects.get(tier="senior").path == "review"
    assert list(broken_rows()) == []


def test_r5_membership_is_for_life_and_falls_no_lower_than_the_lowest_level(
    vip: Membership, manager: User
) -> None:
    refund("B", "12000")
    decide(WAIVE, manager)
    assert tier(vip) == "ordinary"


def test_what_was_earned_back_before_the_decision_is_not_taken(
    vip: Membership, manager: User
) -> None:
    refund("B", "5000")
    receipt(vip.patient, "10000")
    decide(WAIVE, manager)
    assert tier(vip) == "vip"
    assert list(broken_rows()) == []


def test_a_level_taken_back_can_be_reached_again(vip: Membership, manager: User) -> None:
    refund("B", "12000")
    decide(WAIVE, manager)
    assert receipt(vip.patient, "10000").tier_reached == "vip"
    assert list(broken_rows()) == []


def test_who_asked_does_not_decide(vip: Membership, manager: User) -> None:
    refund("B", "5000", by=manager)
    with pytest.raises(Refusal, match="申请人不能审批自己的申请"):
        decide(WAIVE, manager)
    assert tier(vip) == "vip"


def test_a_decision_is_final(vip: Membership, manager: User) -> None:
    refund("B", "5000")
    review = decide(KEEP, manager)
    with pytest.raises(Refusal, match="已作出决定，不能再改"):
        decide_review(
            review_id=review.pk, decision=WAIVE, sentence="改", by=manager, now=timezone.now()
        )


def test_a_decision_needs_its_sentence(vip: Membership, manager: User) -> None:
    refund("B", "5000")
    with pytest.raises(Refusal, match="请写明审批意见"):
        decide(KEEP, manager, sentence="  ")
