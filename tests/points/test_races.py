"""Many at once, with real threads and connections; and a control that must break.

`make prove` runs a thousand rounds of each race.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

import pytest
from django.db import connection
from django.utils import timezone

from members.models import Membership, Patient
from points.models import PointsAccount, PointsEntry, TierReached, TierReview
from points.operations.enrolment import Enrolled, enrol
from points.operations.receipts import Recorded, record_receipt
from points.operations.refunds import Refunded, record_refund
from points.operations.reviews import decide_review
from points.queries import broken_rows
from points.rules import NewReceipt, NewRefund
from scheme.models import Scheme
from staff.exceptions import Refusal
from staff.models import User
from tests.cleaning import delete_everything
from tests.factories.members import patient
from tests.factories.points import enrolment, member, receipt, refund
from tests.factories.scheme import published
from tests.factories.staff import user

ROUNDS = 1000 if os.environ.get("PROVE") else 30
THREADS = 8
T = TypeVar("T")

pytestmark = pytest.mark.usefixtures("committing", "in_force")


@pytest.fixture
def in_force(committing: None) -> Scheme:
    User.objects.system()
    return published()


class Crowd:
    """Threads with a connection each, which start their calls at the same moment."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS)

    def __call__(self, *calls: Callable[[], T]) -> list[T | Refusal]:
        """What the calls came to; anything but a refusal fails the test."""
        start = threading.Barrier(len(calls))

        def run(call: Callable[[], T]) -> T | Refusal:
            connection.ensure_connection()
            start.wait(timeout=30)
            try:
                return call()
            except Refusal as refusal:
                return refusal

        return [done.result(60) for done in [self._threads.submit(run, call) for call in calls]]

    def leave(self) -> None:
        # Looked up in each thread: every thread has a connection of its own.
        self(*[lambda: connection.close()] * THREADS)
        self._threads.shutdown()


@pytest.fixture
def at_once(committing: None) -> Iterator[Crowd]:
    crowd = Crowd()
    yield crowd
    crowd.leave()


def pay(patient: Patient, number: str, amount: str, by: User) -> Callable[[], Recorded]:
    now = timezone.now()
    new = NewReceipt(number, patient.file_number, Decimal(amount), paid_at=now)
    return lambda: record_receipt(new=new, by=by, now=now)


def give_back(number: str, receipt_number: str, amount: str, by: User) -> Callable[[], Refunded]:
    def call() -> Refunded:
        now = timezone.now()
        new = NewRefund(number, receipt_number, Decimal(amount), refunded_at=now, reason="退")
        return record_refund(new=new, by=by, now=now)

    return call


def join(patient: Patient, form: dict[str, object], by: User) -> Callable[[], Enrolled]:
    now: datetime = timezone.now()
    return lambda: enrol(file_number=patient.file_number, given=form, by=by, now=now)


def decided(review_id: int, decision: TierReview.Decision, by: User) -> Callable[[], TierReview]:
    return lambda: decide_review(
        review_id=review_id, decision=decision, sentence="同意", by=by, now=timezone.now()
    )


def refused(outcomes: list[T | Refusal]) -> list[str]:
    return [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]


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


UNLOCKED = """
    SELECT * INTO account FROM points_pointsaccount WHERE patient_id = NEW.account_id;
    PERFORM pg_sleep(0.02);
    account.last_seq := coalesce(account.last_seq, 0) + 1;
    account.cumulative := coalesce(account.cumulative, 0) + NEW.cumulative_delta;
    account.available := coalesce(account.available, 0) + NEW.available_delta;
    INSERT INTO points_pointsaccount
    VALUES (NEW.account_id, account.cumulative, account.available, account.last_seq)
        ON CONFLICT (patient_id) DO UPDATE SET cumulative = excluded.cumulative,
           available = excluded.available, last_seq = excluded.last_seq;
"""


@pytest.fixture
def lock_left_out(committing: None) -> Iterator[None]:
    """The ledger reads the account, and only then writes it; and seq may stand twice."""
    table, constraint = "ALTER TABLE points_pointsentry", "CONSTRAINT points_entry_no_gaps"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('points_entry_post'::regproc)")
        (shipped,) = cursor.fetchone()
        start, end = shipped.index("    LOOP"), shipped.index("    END LOOP;")
        cursor.execute(shipped[:start] + UNLOCKED + shipped[end:].removeprefix("    END LOOP;"))
        cursor.execute(f"{table} DROP {constraint}")
        yield
        delete_everything()
        cursor.execute(shipped)
        cursor.execute(f"{table} ADD {constraint} UNIQUE (account_id, seq)")


def test_control_without_the_lock_points_are_lost_and_the_check_names_them(
    lock_left_out: None, at_once: Crowd
) -> None:
    by = User.objects.system()
    someone = patient()
    receipt(someone, "100")
    at_once(*(pay(someone, f"R{part}", "100", by) for part in range(THREADS)))
    account = PointsAccount.objects.get(patient=someone)
    assert account.cumulative < 100 * (THREADS + 1), "the race did not happen: these tests are void"
    wrong = [sentence for sentence in broken_rows() if sentence.startswith("积分")]
    assert wrong
