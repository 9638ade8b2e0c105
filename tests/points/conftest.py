from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from members.operations.merging import mark_distinct
from points.queries import broken_rows
from staff.models import User
from tests.factories.members import patient, resident_id
from tests.factories.merging import asked_merge, linked
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
    without. F is merged into E, to which G may go, too; H is another person than E.
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
        four = [patient(number) for number in "EFGH"]
        linked(four[0], four[1])
        asked_merge(four[0], four[2])
        mark_distinct(file_numbers=("E", "H"), reason="孪生姐妹", by=User.objects.system())
        run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield
        assert list(broken_rows()) == []
        transaction.set_rollback(True)
