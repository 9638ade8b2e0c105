import pytest

from points.models import TierReview
from tests.api.client import Answer, Caller, ago, payment, refund

pytestmark = pytest.mark.django_db


def paid(his: Caller, amount: str) -> tuple[str, str]:
    """A new patient's file number and the number of the one receipt."""
    file_number = his.patient()
    answer = his.pay(file_number, amount)
    return file_number, answer["receipt_number"]


def test_a_refund_takes_the_points_of_what_is_given_back(his: Caller) -> None:
    file_number, receipt = paid(his, "1000")
    answer = his.refund(receipt, "0.01", refund_number="T1")
    assert answer.status == 201
    assert answer.content == {
        "refund_number": "T1",
        "points": -1,
        "cumulative_points": 999,
        "available_points": 0,
        "tier": None,
        "review_opened": False,
    }
    assert his.see(file_number)["can_enrol"] is False


@pytest.mark.parametrize(
    ("amount", "parts", "left"),
    [
        ("1000", ["333.33", "333.33", "333.34"], 0),
        ("999.99", ["0.50"] * 10, 994),
        ("100.50", ["0.50", "0.25", "0.25", "99.50"], 0),
        ("0.99", ["0.01", "0.98"], 0),
        ("88888888.88", ["88888888.87"], 0),
    ],
)
def test_parts_end_where_one_net_receipt_would_be(
    his: Caller, amount: str, parts: list[str], left: int
) -> None:
    file_number, receipt = paid(his, amount)
    answers = [his.refund(receipt, part) for part in parts]
    assert {answer.status for answer in answers} == {201}
    assert his.see(file_number)["cumulative_points"] == left
    assert sum(entry["cumulative_delta"] for entry in his.ledger(file_number)) == left


def test_no_more_goes_back_than_was_paid(his: Caller) -> None:
    file_number, receipt = paid(his, "1000")
    his.refund(receipt, "600")
    answer = his.refund(receipt, "400.01")
    assert answer.refusal == (409, "refund_at_most_paid", "amount")
    assert "400.00" in answer.error["message"]
    assert his.see(file_number)["cumulative_points"] == 400
    assert his.refund(receipt, "400").status == 201


def test_the_same_refund_again_counts_once(his: Caller) -> None:
    file_number, receipt = paid(his, "1000")
    first = refund(receipt, "100")
    assert his.call("POST", "/refunds", first).status == 201
    his.refund(receipt, "200")
    again = his.call("POST", "/refunds", {**first, "reason": "另一个原因"})
    assert again.status == 200
    assert (again["points"], again["cumulative_points"]) == (-100, 900)
    assert his.see(file_number)["cumulative_points"] == 700


@pytest.mark.parametrize("change", [{"amount": "100.01"}, {"refunded_at": ago()}])
def test_a_refund_number_that_stands_for_another_refund_is_a_conflict(
    his: Caller, change: dict[str, object]
) -> None:
    bought = payment(his.patient(), "1000", paid_at=ago(days=2))
    his.call("POST", "/payments", bought)
    first = refund(str(bought["receipt_number"]), "100", refunded_at=ago(days=1))
    his.call("POST", "/refunds", first)
    answer = his.call("POST", "/refunds", {**first, **change})
    assert answer.refusal == (409, "refund_differs", "refund_number")


def test_a_refund_of_an_unknown_receipt_is_unknown(his: Caller) -> None:
    assert his.refund("R-0", "1").refusal == (404, "unknown_receipt", "receipt_number")


def test_a_refund_before_its_payment_is_refused(his: Caller) -> None:
    _, receipt = paid(his, "1000")
    answer = his.refund(receipt, "1", refunded_at=ago(days=1))
    assert answer.refusal == (422, "refund_before_payment", "refunded_at")


def member_with(his: Caller, amount: str) -> tuple[str, str]:
    file_number, receipt = paid(his, amount)
    assert his.join(file_number).status == 201
    return file_number, receipt


def reviewed(his: Caller, amount: str, back: str) -> Answer:
    _, receipt = member_with(his, amount)
    return his.refund(receipt, back)


def test_a_level_that_lost_its_ground_stays_and_opens_a_review(his: Caller) -> None:
    file_number, receipt = member_with(his, "10000")
    first = his.refund(receipt, "0.01")
    assert (first["tier"], first["review_opened"]) == ("vip", True)
    second = his.refund(receipt, "1")
    assert (second["tier"], second["review_opened"]) == ("vip", False)
    assert his.see(file_number)["tier"] == "vip"
    assert TierReview.objects.get().supported_tier == "senior"


def test_a_repeated_refund_tells_that_it_opened_the_review(his: Caller) -> None:
    _, receipt = member_with(his, "1000")
    first = refund(receipt, "1")
    assert his.call("POST", "/refunds", first)["review_opened"] is True
    assert his.call("POST", "/refunds", first)["review_opened"] is True
    assert TierReview.objects.count() == 1


def test_a_level_that_keeps_its_ground_opens_none(his: Caller) -> None:
    assert reviewed(his, "10500", "500")["review_opened"] is False
