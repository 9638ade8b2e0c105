from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from members.models import Patient
from members.operations.joining import record_talk
from members.operations.merging import mark_distinct
from points.models import TierReview
from points.operations.reviews import decide_review
from points.queries import broken_rows
from scheme.models import Scheme
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient, resident_id
from tests.factories.merging import asked_merge, merged, unmerged
from tests.factories.points import (
    confirmed,
    corrected,
    legacy,
    member,
    receipt,
    refund,
    taken_back,
)
from tests.factories.scheme import published
from tests.factories.staff import user
from tests.points.crowd import Crowd


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def stay_in_order(scheme: Scheme) -> Iterator[None]:
    """Under the shipped rules: whatever the test did, the books agree afterwards."""
    yield
    run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert list(broken_rows()) == []


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Books for many small attacks, each of which undoes itself; they stay in order.

    A is a member with two levels, one of them under review, B a patient with a receipt, C one
    without. F is merged into E with its points, G may go there, too; H is another person than E;
    J was merged into I and is a file of its own again. K paid a receipt that was L's, and L's
    level was reviewed before. Of N, O and Q the legacy points are confirmed, waiting, rejected.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        published()
        user()
        one = patient("A")
        member(one, "5000")
        receipt(one, "12000", number="A1")
        refund("A1", "11000", number="T1")
        able = patient("B", id_number=resident_id())
        receipt(able, "1000", number="B1")
        answered(able)
        patient("C")
        files_made_one()
        mistakes_put_right()
        for file, points, word in (("N", 20000, True), ("O", 21000, None), ("Q", 22000, False)):
            asked = legacy((patient(file), points))
            if word is not None:
                confirmed(asked, word)
        run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield
        assert list(broken_rows()) == []
        transaction.set_rollback(True)


def answered(someone: Patient) -> None:
    """Whoever can join was asked."""
    again = business_day(timezone.now()) + timedelta(days=30)
    given = {"outcome": "later", "ask_again_on": again.isoformat()}
    record_talk(patient_id=someone.pk, given=given, seen=None, by=user(), now=timezone.now())


def files_made_one() -> None:
    """E with F in it and G at the door; I and J parted again."""
    four = [patient(number) for number in "EFGH"]
    receipt(four[0], "400", number="E1")
    receipt(four[1], "600", number="F1")
    merged(four[0], four[1])
    asked_merge(four[0], four[2])
    mark_distinct(file_numbers=("E", "H"), reason="孪生姐妹", by=User.objects.system())
    two = [patient(number) for number in "IJ"]
    receipt(two[1], "77", number="J1")
    unmerged(merged(two[0], two[1]))


def mistakes_put_right() -> None:
    """A receipt moved with its refund, one reversed, one whose refund was entered again; a level
    whose loss a manager has seen, and which stands no more since its receipt was reversed.
    """
    other, right = patient("K"), patient("L")
    receipt(other, "300.50", number="K1")
    refund("K1", "100.25", number="TK")
    corrected("K1", file_number="L")
    receipt(other, "55", number="K2")
    corrected("K2", void=True)
    receipt(other, "88", number="K3")
    refund("K3", "11", number="TM")
    taken_back("TM")
    refund("K3", "12", number="TM")
    membership = member(right)
    receipt(right, "12000", number="L1")
    refund("L1", "11000", number="TL")
    decide_review(
        review_id=TierReview.objects.get(membership=membership).pk,
        decision=TierReview.Decision.WAIVE,
        sentence="同意",
        by=user(),
        now=timezone.now(),
    )
    receipt(right, "5000", number="L2")
    corrected("L2", amount=Decimal("4000"))


@pytest.fixture
def in_force(committing: None) -> Scheme:
    """The shipped rules, committed, and the user that commands act as."""
    User.objects.system()
    return published()


@pytest.fixture
def at_once(committing: None) -> Iterator[Crowd]:
    """Threads with a connection each."""
    crowd = Crowd()
    yield crowd
    crowd.leave()
