"""Many at once, with real threads and connections.

`make prove` runs a thousand rounds of each race; what breaks without its lock is in
`test_race_controls`.
"""

from collections.abc import Callable

import pytest

from members.models import Membership
from points.models import PointsAccount, PointsEntry, TierReached, TierReview
from points.operations.enrolment import Enrolled
from points.operations.receipts import Recorded
from points.operations.refunds import Refunded
from points.queries import broken_rows
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import enrolment, member, receipt, refund
from tests.factories.staff import user
from tests.points.crowd import ROUNDS, THREADS, Crowd, decided, give_back, join, pay, refused

pytestmark = pytest.mark.usefixtures("committing", "in_force")


def test_one_receipt_posted_by_eight_counts_once(at_once: Crowd) -> None:
    by = User.objects.system()
    for number in range(ROUNDS):
        someone = patient()
        outcomes = at_once(*[pay(someone, f"R{number}", "100", by)] * THREADS)
        assert [one.repeated for one in outcomes if isinstance(one, Recorded)].count(False) == 1
        assert len(outcomes) == THREADS and not refused(outcomes)
        assert PointsEntry.objects.filter(account=someone.pk).count() == 1
    assert list(broken_rows()) == []


def test_one_receipt_number_for_two_patients_counts_for_one_of_them(at_once: Crowd) -> None:
    by = User.objects.system()
    for number in range(ROUNDS):
        calls = [pay(patient(), f"R{number}", "100", by) for _ in range(THREADS)]
        assert refused(at_once(*calls)) == ["receipt_differs"] * (THREADS - 1)
    assert PointsEntry.objects.count() == ROUNDS
    assert list(broken_rows()) == []


def test_the_first_receipts_of_a_new_patient_leave_no_gap(
    at_once: Crowd,
) -> None:
    by = User.objects.system()
    for number in range(ROUNDS):
        someone = patient()
        calls = [pay(someone, f"R{number}-{part}", "100", by) for part in range(THREADS)]
        assert not refused(at_once(*calls))
        account = PointsAccount.objects.get(patient=someone)
        assert (account.cumulative, account.last_seq) == (100 * THREADS, THREADS)
    assert list(broken_rows()) == []


def test_one_refund_posted_by_eight_counts_once(at_once: Crowd) -> None:
    by = User.objects.system()
    for number in range(ROUNDS):
        paid = receipt(patient(), "800").receipt_number
        outcomes = at_once(*[give_back(f"T{number}", paid, "100", by)] * THREADS)
        assert [one.repeated for one in outcomes if isinstance(one, Refunded)].count(False) == 1
        assert not refused(outcomes)
    assert PointsEntry.objects.filter(kind="refund").count() == ROUNDS
    assert list(broken_rows()) == []


def test_one_refund_number_for_different_receipts_counts_for_one_of_them(at_once: Crowd) -> None:
    by = User.objects.system()
    for number in range(ROUNDS):
        paid = [receipt(patient(), "800").receipt_number for _ in range(4)]
        outcomes = at_once(*(give_back(f"T{number}", one, "100", by) for one in paid))
        assert len(refused(outcomes)) == 3
        assert set(refused(outcomes)) <= {"refund_differs", "refund_counts_once"}
    assert PointsEntry.objects.filter(kind="refund").count() == ROUNDS
    assert list(broken_rows()) == []


def test_the_last_yuan_of_a_receipt_goes_back_once(at_once: Crowd) -> None:
    by = User.objects.system()
    for number in range(ROUNDS):
        paid = receipt(patient(), "100").receipt_number
        calls = [give_back(f"T{number}-{part}", paid, "60", by) for part in range(THREADS)]
        assert refused(at_once(*calls)) == ["refund_at_most_paid"] * (THREADS - 1)
    assert list(broken_rows()) == []


def test_someone_enrolled_twice_at_once_is_one_member(at_once: Crowd) -> None:
    by = User.objects.system()
    for _ in range(ROUNDS):
        someone = patient()
        receipt(someone, "1000")
        outcomes = at_once(*[join(someone, enrolment(), by)] * 4)
        assert [one.repeated for one in outcomes if isinstance(one, Enrolled)].count(False) == 1
        assert not refused(outcomes)
    assert (Membership.objects.count(), TierReached.objects.count()) == (ROUNDS, ROUNDS)
    assert list(broken_rows()) == []


def test_one_document_makes_one_member_out_of_two_files(at_once: Crowd) -> None:
    by = User.objects.system()
    for _ in range(ROUNDS):
        people = [patient(), patient()]
        for someone in people:
            receipt(someone, "1000")
        form = enrolment()
        outcomes = at_once(*(join(someone, form, by) for someone in people))
        assert refused(outcomes) == ["membership_one_person_one_member"]
    assert Membership.objects.count() == ROUNDS
    assert list(broken_rows()) == []


def test_no_level_is_lost_between_an_enrolment_and_a_receipt(
    at_once: Crowd,
) -> None:
    by = User.objects.system()
    for number in range(ROUNDS):
        someone = patient()
        receipt(someone, "1000")
        calls: list[Callable[[], object]] = [
            join(someone, enrolment(), by),
            pay(someone, f"R{number}", "12000", by),
        ]
        assert not refused(at_once(*calls))
        levels = TierReached.objects.filter(membership__patient=someone).order_by("rank")
        assert levels.last().tier == "vip"  # type: ignore[union-attr]
    assert list(broken_rows()) == []


def test_receipts_at_once_reach_each_level_once(at_once: Crowd) -> None:
    by = User.objects.system()
    for number in range(ROUNDS):
        someone = patient()
        member(someone, "1000")
        calls = [pay(someone, f"R{number}-{part}", "2000", by) for part in range(THREADS)]
        assert not refused(at_once(*calls))
        tiers = TierReached.objects.filter(membership__patient=someone).order_by("rank")
        assert list(tiers.values_list("tier", flat=True)) == ["ordinary", "senior", "vip"]
    assert list(broken_rows()) == []


def test_two_managers_decide_a_review_once(at_once: Crowd) -> None:
    managers = [user("总经理"), user("总经理")]
    decisions = [TierReview.Decision.KEEP, TierReview.Decision.WAIVE]
    for number in range(ROUNDS):
        someone = patient()
        member(someone, "1000")
        receipt(someone, "12000", number=f"R{number}")
        assert refund(f"R{number}", "12000").review_opened
        review = TierReview.objects.get(membership__patient=someone)
        calls = (decided(review.pk, *how) for how in zip(decisions, managers, strict=True))
        outcomes = at_once(*calls)
        assert refused(outcomes) == ["already_decided"]
    assert list(broken_rows()) == []


def test_refunds_and_receipts_at_once_leave_the_books_in_order(
    at_once: Crowd,
) -> None:
    by = User.objects.system()
    someone = patient()
    member(someone, "6000")
    for number in range(ROUNDS):
        paid = receipt(someone, "5000", number=f"R{number}").receipt_number
        calls: list[Callable[[], object]] = [
            *(give_back(f"T{number}-{part}", paid, "1234.56", by) for part in range(4)),
            *(pay(someone, f"R{number}-{part}", "0.99", by) for part in range(4)),
        ]
        assert not refused(at_once(*calls))
    assert list(broken_rows()) == []
