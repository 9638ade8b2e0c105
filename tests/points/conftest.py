from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from points.queries import broken_rows
from tests.factories.members import patient, resident_id
from tests.factories.points import member, receipt, refund
from tests.factories.scheme import published
from tests.factories.staff import user


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture(scope="module")
def books(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Books for many small attacks, each of which undoes itself; they stay in order.

    A is a member with two levels, one of them under review, B a patient with a receipt, C one
    without.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        published()
        user()
        one = patient("A")
        member(one, "5000")
        receipt(one, "12000", number="A1")
        refund("A1", "11000", number="T1")
        receipt(patient("B", id_number=resident_id()), "1000", number="B1")
        patient("C")
        run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield
        assert list(broken_rows()) == []
        transaction.set_rollback(True)
