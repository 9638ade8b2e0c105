from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from points.models import PointsAccount, PointsEntry, Receipt
from staff.roles import HIS
from tests.api.client import Answer, Caller, payment
from tests.api.conftest import caller
from tests.factories.points import enrolment
from tests.factories.scheme import published

THREADS = 32


@pytest.fixture
def committed_his(committing: None) -> Caller:
    published()
    return caller(HIS)


def at_once(his: Caller, bodies: list[dict[str, object]], path: str) -> list[Answer]:
    """The answers to requests that start together, each on a connection of its own."""
    start = Barrier(len(bodies))

    def post(body: dict[str, object]) -> Answer:
        start.wait()
        try:
            return his.call("POST", path, body)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(post, bodies))


def test_a_receipt_sent_by_many_at_once_counts_once(committed_his: Caller) -> None:
    file_number = committed_his.patient()
    answers = at_once(
        committed_his, [payment(file_number, "1000", receipt_number="R")] * THREADS, "/payments"
    )
    statuses = [answer.status for answer in answers]
    assert (statuses.count(201), statuses.count(200)) == (1, THREADS - 1)
    assert {answer["cumulative_points"] for answer in answers} == {1000}
    assert (Receipt.objects.count(), PointsEntry.objects.count()) == (1, 1)
    assert PointsAccount.objects.get().cumulative == 1000


def test_of_different_payments_under_one_number_only_one_is_taken(committed_his: Caller) -> None:
    file_number = committed_his.patient()
    bodies = [payment(file_number, f"{yuan}", receipt_number="R") for yuan in range(1, 9)]
    answers = at_once(committed_his, bodies, "/payments")
    statuses = [answer.status for answer in answers]
    assert (statuses.count(201), statuses.count(409)) == (1, len(bodies) - 1)
    assert PointsEntry.objects.count() == 1


def test_a_person_who_joins_twice_at_once_is_one_member(committed_his: Caller) -> None:
    file_number = committed_his.patient()
    committed_his.pay(file_number, "1000")
    form: dict[str, object] = {"file_number": file_number, **enrolment()}
    answers = at_once(committed_his, [form] * 8, "/members")
    statuses = [answer.status for answer in answers]
    assert (statuses.count(201), statuses.count(200)) == (1, 7)
    assert len({answer["membership_number"] for answer in answers}) == 1
