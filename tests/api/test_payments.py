from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from points.models import PointsEntry, Receipt
from staff.roles import HIS
from tests.api.client import Caller, ago, payment
from tests.api.conftest import caller
from tests.factories.scheme import published

pytestmark = pytest.mark.django_db


def test_a_payment_gives_its_points(his: Caller) -> None:
    answer = his.pay(his.patient(), "999.99", receipt_number="00001")
    assert answer.status == 201
    assert answer.content == {
        "receipt_number": "00001",
        "points": 999,
        "cumulative_points": 999,
        "available_points": 0,
        "tier": None,
        "tier_reached": None,
        "can_enrol": False,
        "due": [],
    }


def test_points_are_available_while_redemption_is_on(db: None) -> None:
    published("qujing_dental_b")
    his = caller(HIS)
    assert his.pay(his.patient(), "1000")["available_points"] == 1000


def test_a_member_is_told_which_level_a_payment_reached(his: Caller) -> None:
    file_number = his.patient()
    his.pay(file_number, "1000")
    his.join(file_number)
    answer = his.pay(file_number, "9240")
    assert (answer["tier"], answer["tier_reached"]) == ("vip", "vip")
    assert answer["can_enrol"] is False
    assert his.pay(file_number, "1")["tier_reached"] is None


def test_the_same_receipt_again_tells_what_happened_then_and_where_the_patient_is_now(
    his: Caller,
) -> None:
    file_number = his.patient()
    first = payment(file_number, "1000", note="种植牙")
    his.call("POST", "/payments", first)
    his.pay(file_number, "5000")
    his.join(file_number)
    again = his.call("POST", "/payments", {**first, "note": "别的备注", "doctor": "D9"})
    assert again.status == 200
    assert (again["points"], again["cumulative_points"], again["tier_reached"]) == (
        1000,
        1000,
        None,
    )
    assert (again["tier"], again["can_enrol"]) == ("senior", False)
    assert Receipt.objects.get(number=first["receipt_number"]).note == "种植牙"
    assert len(his.ledger(file_number)) == 2


def test_the_same_receipt_may_be_written_in_another_way(his: Caller) -> None:
    file_number = his.patient()
    first = payment(file_number, "128.5", paid_at="2026-03-01T23:30:00+08:00")
    again = {**first, "amount": "128.50", "paid_at": "2026-03-01T12:00:00Z"}
    assert his.call("POST", "/payments", first).status == 201
    assert his.call("POST", "/payments", again).status == 200


DIFFERENCES: dict[str, Callable[[Caller], dict[str, object]]] = {
    "amount": lambda his: {"amount": "1000.01"},
    "day": lambda his: {"paid_at": ago(days=1)},
    "patient": lambda his: {"file_number": his.patient()},
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_receipt_number_that_stands_for_another_payment_is_a_conflict(
    his: Caller, difference: str
) -> None:
    first = payment(his.patient(), "1000")
    his.call("POST", "/payments", first)
    answer = his.call("POST", "/payments", {**first, **DIFFERENCES[difference](his)})
    assert answer.refusal == (409, "receipt_differs", "receipt_number")
    assert PointsEntry.objects.count() == 1


def test_numbers_are_kept_as_text(his: Caller) -> None:
    file_number = his.patient("00001")
    assert his.pay(file_number, "1", receipt_number="007").status == 201
    assert his.pay(file_number, "1", receipt_number="7").status == 201
    assert his.pay("1", "1").refusal == (404, "unknown_patient", "file_number")


def test_nothing_counts_before_the_first_scheme(his: Caller) -> None:
    answer = his.pay(his.patient(), "1000", paid_at="2013-09-30T12:00:00+08:00")
    assert answer.refusal == (422, "before_first_scheme", "paid_at")


@pytest.mark.parametrize(
    "amount", ["0", "0.00", "-1", "+1", "1.234", "123456789", "1e3", "１", "1,000", " 1", "1.", ""]
)
def test_an_amount_that_is_none_is_refused(his: Caller, amount: str) -> None:
    status, _, field = his.pay(his.patient(), amount).refusal
    assert (status, field) == (422, "amount")


def test_the_largest_amount_counts(his: Caller) -> None:
    assert his.pay(his.patient(), "99999999.99")["points"] == 99_999_999


@pytest.mark.parametrize(
    ("paid_at", "code"),
    [
        ("2026-03-01T12:00:00", "not_a_time"),
        ("2026-03-01", "not_a_time"),
        ("2026-02-30T12:00:00+08:00", "not_a_time"),
        ("0001-01-01T00:00:00+23:59", "not_a_time"),
        ("昨天", "not_a_time"),
        ("2999-01-01T00:00:00+08:00", "in_future"),
        ("9999-12-31T23:59:59-23:59", "in_future"),
    ],
)
def test_a_time_without_zone_or_to_come_is_refused(his: Caller, paid_at: str, code: str) -> None:
    assert his.pay(his.patient(), "1", paid_at=paid_at).refusal == (422, code, "paid_at")


def test_a_payment_takes_eight_statements_with_the_check_of_the_token(
    his: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    file_number = his.patient()
    his.pay(file_number, "100")
    with django_assert_num_queries(8):
        his.pay(file_number, "100")


def test_a_members_payment_takes_five_more_that_find_what_is_due(
    his: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    file_number = his.patient()
    his.pay(file_number, "1000")
    his.join(file_number)
    with django_assert_num_queries(13):
        his.pay(file_number, "100")
