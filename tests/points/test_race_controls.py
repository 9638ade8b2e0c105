"""Each race with its lock left out: if it does not break, the races prove nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from points.models import PointsAccount, PointsEntry, Receipt, Refund, TierReview
from points.operations.receipts import booking
from points.queries import broken_rows
from staff.models import Approval, User
from tests.cleaning import delete_everything
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund
from tests.factories.staff import user
from tests.points.conftest import run
from tests.points.crowd import ROUNDS, THREADS, Crowd, decided, give_back, pay, refused

pytestmark = pytest.mark.usefixtures("committing", "in_force")

UNLOCKED = """
    SELECT * INTO account FROM points_pointsaccount WHERE patient_id = NEW.account_id;
    PERFORM pg_sleep(0.1);
    account.last_seq := coalesce(account.last_seq, 0) + 1;
    account.cumulative := coalesce(account.cumulative, 0) + NEW.cumulative_delta;
    account.available := coalesce(account.available, 0) + NEW.available_delta;
    INSERT INTO points_pointsaccount (patient_id, cumulative, available, last_seq, closed)
    VALUES (NEW.account_id, account.cumulative, account.available, account.last_seq, false)
        ON CONFLICT (patient_id) DO UPDATE SET cumulative = excluded.cumulative,
           available = excluded.available, last_seq = excluded.last_seq;
"""

THERE = "IF EXISTS (SELECT FROM points_pointsentry WHERE reference = NEW.reference)"
WAITING = "BEGIN PERFORM pg_sleep(0.3);"


@contextmanager
def changed(function: str, change: Callable[[str], str]) -> Iterator[None]:
    """A function of the database in other words; as shipped again afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
        (shipped,) = cursor.fetchone()
    weaker = change(shipped)
    assert weaker != shipped
    run(weaker)
    yield
    run(shipped)


@contextmanager
def without(table: str, *constraints: str) -> Iterator[None]:
    """A table without these constraints; emptied before they are there again."""
    asked = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(asked, [list(constraints)])
        shipped = dict(cursor.fetchall())
    assert set(shipped) == set(constraints)
    for name in shipped:
        run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    delete_everything()
    for name, definition in shipped.items():
        run(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def without_the_loop(shipped: str) -> str:
    start, end = shipped.index("    LOOP"), shipped.index("    END LOOP;")
    return shipped[:start] + UNLOCKED + shipped[end:].removeprefix("    END LOOP;")


@pytest.fixture
def account_unlocked(committing: None) -> Iterator[None]:
    """The ledger reads the account, and only then writes it; and seq may stand twice."""
    with (
        without("points_pointsentry", "points_entry_no_gaps"),
        changed("points_entry_post", without_the_loop),
    ):
        yield


@pytest.fixture
def rows_unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application reads rows that it is about to change without holding them."""

    def read_only(rows: QuerySet[Any], **_: object) -> QuerySet[Any]:
        return rows.all()

    monkeypatch.setattr(QuerySet, "select_for_update", read_only)


@pytest.mark.parametrize("earlier", [0, 1], ids=["first receipts", "further receipts"])
def test_without_the_account_lock_points_are_lost_and_named(
    account_unlocked: None, at_once: Crowd, earlier: int
) -> None:
    by = User.objects.system()
    someone = patient()
    for _ in range(earlier):
        receipt(someone, "100")
    at_once(*(pay(someone, f"R{part}", "100", by) for part in range(THREADS)))
    account = PointsAccount.objects.get(patient=someone)
    assert account.cumulative < 100 * (THREADS + earlier), "no race: these tests are void"
    assert [sentence for sentence in broken_rows() if sentence.startswith("积分")]


@pytest.fixture
def receipts_repeat(committing: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A receipt is looked for before it is stored, and nothing else says that it is there."""
    looked_for = booking._INSERT.replace("ON CONFLICT (number, revision) DO NOTHING", "").replace(
        " ORDER BY number",
        " WHERE NOT EXISTS (SELECT FROM points_receipt paid WHERE paid.number = new.number)",
    )
    monkeypatch.setattr(booking, "_INSERT", looked_for)
    references = _unique_constraint("points_pointsentry", "reference")
    with (
        without("points_receipt", "receipt_counts_once"),
        without("points_pointsentry", references),
        changed("points_receipt_start", lambda shipped: shipped.replace("BEGIN", WAITING, 1)),
        changed("points_entry_post", lambda shipped: shipped.replace(THERE, "IF false")),
    ):
        yield


def _unique_constraint(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    unique = [str(name) for name, about in constraints.items() if about["unique"]]
    return next(name for name in unique if constraints[name]["columns"] == [column])


def test_without_uniqueness_one_receipt_counts_twice_and_is_named(
    receipts_repeat: None, at_once: Crowd
) -> None:
    someone = patient()
    at_once(*[pay(someone, "R", "100", User.objects.system())] * THREADS)
    assert Receipt.objects.count() > 1, "no race: these tests are void"
    assert PointsEntry.objects.count() > 1
    assert list(broken_rows())


@pytest.fixture
def refunds_unlocked(rows_unlocked: None) -> Iterator[None]:
    """A refund looks at what is left of the receipt, and takes it some time later."""
    waits = "PERFORM pg_sleep(0.3); IF EXISTS (SELECT FROM points_refund"

    def weaker(shipped: str) -> str:
        read = shipped.replace(
            "WHERE id = NEW.receipt_id FOR UPDATE;", "WHERE id = NEW.receipt_id;"
        )
        return read.replace("IF EXISTS (SELECT FROM points_refund", waits, 1)

    with (
        without("points_receipt", "receipt_refunded_at_most_paid"),
        changed("points_refund_post", weaker),
    ):
        yield


def test_without_the_receipt_lock_more_goes_back_than_was_paid_and_is_named(
    refunds_unlocked: None, at_once: Crowd
) -> None:
    by = User.objects.system()
    someone = patient()
    receipt(someone, "1000")
    paid = receipt(someone, "100", number="R").receipt_number
    at_once(*(give_back(f"T{part}", paid, "60", by) for part in range(THREADS)))
    assert Refund.objects.count() > 1, "no race: these tests are void"
    assert any("退费合计超过收据金额" in sentence for sentence in broken_rows())


@pytest.fixture
def approvals_unlocked(rows_unlocked: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A manager reads that nobody decided, and decides some time later; nothing is final."""
    save = Approval.save

    def slowly(approval: Approval, **more: Any) -> None:
        time.sleep(0.2)
        save(approval, **more)

    monkeypatch.setattr(Approval, "save", slowly)
    run("ALTER TABLE staff_approval DISABLE TRIGGER staff_approval_guard")
    run("ALTER TABLE points_tierreview DISABLE TRIGGER points_tierreview_decided_once")
    yield
    run("ALTER TABLE points_tierreview ENABLE TRIGGER points_tierreview_decided_once")
    run("ALTER TABLE staff_approval ENABLE TRIGGER staff_approval_guard")


def test_without_the_lock_on_approvals_two_managers_decide_one_review(
    approvals_unlocked: None, at_once: Crowd
) -> None:
    managers = [user("总经理"), user("总经理")]
    for number in range(ROUNDS):
        someone = patient()
        member(someone, "1000")
        receipt(someone, "12000", number=f"R{number}")
        refund(f"R{number}", "12000")
        review = TierReview.objects.get(membership__patient=someone)
        calls = (decided(review.pk, TierReview.Decision.KEEP, manager) for manager in managers)
        if not refused(at_once(*calls)):
            return
    pytest.fail("no race: these tests are void")
