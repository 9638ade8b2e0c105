import pytest

from points.models import Correction, TierReview
from tests.api.client import Answer, Caller, ago, payment, refund
from tests.api.conftest import caller

pytestmark = pytest.mark.django_db

NUMBER = "S-0001"


def paid(his: Caller, amount: str, number: str = NUMBER) -> str:
    """A new patient's file number, after a payment with this number."""
    file_number = his.patient()
    assert his.pay(file_number, amount, receipt_number=number).status == 201
    return file_number


def correct(his: Caller, number: str = NUMBER, /, **given: object) -> Answer:
    return his.call("POST", f"/payments/{number}/corrections", {"reason": "录错了", **given})


def test_a_receipt_moves_to_another_patient(his: Caller) -> None:
    wrong, right = paid(his, "1500"), his.patient()
    his.pay(wrong, "200")
    answer = correct(his, file_number=right)
    assert answer.status == 201
    assert answer.content == {
        "receipt_number": NUMBER,
        "revision": 2,
        "points": 1500,
        "cumulative_points": 1500,
        "available_points": 0,
        "tier": None,
        "tier_reached": None,
        "can_enrol": True,
        "due": [],
        "corrected": {
            "file_number": wrong,
            "cumulative_points": 200,
            "available_points": 0,
            "tier": None,
        },
    }
    assert his.see(wrong)["cumulative_points"] == 200
    assert his.see(right)["cumulative_points"] == 1500


def test_levels_are_as_if_it_had_been_right_from_the_start(his: Caller) -> None:
    wrong, right = paid(his, "1000", "S-0"), paid(his, "1000", "S-1")
    assert his.join(wrong).status == 201 and his.join(right).status == 201
    his.pay(wrong, "9000", receipt_number=NUMBER)
    answer = correct(his, file_number=right)
    assert (answer["tier"], answer["tier_reached"]) == ("vip", "vip")
    assert answer["corrected"]["tier"] == "ordinary"
    assert his.see(wrong)["tier"] == "ordinary"
    assert not TierReview.objects.live().exists()


def test_an_amount_is_corrected(his: Caller) -> None:
    file_number = paid(his, "1500")
    answer = correct(his, amount="150.00")
    assert (answer["points"], answer["cumulative_points"], answer["can_enrol"]) == (150, 150, False)
    assert answer["corrected"]["file_number"] == file_number
    assert answer["corrected"]["cumulative_points"] == 150


def test_a_day_is_corrected(his: Caller) -> None:
    file_number = paid(his, "600")
    his.pay(file_number, "600")
    assert his.see(file_number)["can_enrol"] is True
    answer = correct(his, paid_at=ago(days=1))
    assert (answer["cumulative_points"], answer["can_enrol"]) == (1200, False)


def test_words_alone_are_corrected_and_null_stays(his: Caller) -> None:
    paid(his, "600")
    answer = correct(his, note="补开", amount=None)
    assert (answer.status, answer["revision"], answer["points"]) == (201, 2, 600)


def test_a_receipt_is_taken_back_and_entered_again(his: Caller) -> None:
    file_number = paid(his, "600")
    answer = correct(his, void=True, reason="没有付款")
    assert (answer.status, answer["revision"], answer["points"]) == (201, None, 0)
    assert (answer["cumulative_points"], answer["tier_reached"]) == (0, None)
    assert answer["corrected"]["file_number"] == file_number
    again = correct(his, reason="其实付了", reenter=True)
    assert (again.status, again["revision"], again["cumulative_points"]) == (201, 2, 600)


def test_refunds_move_on_with_their_receipt(his: Caller) -> None:
    wrong, right = paid(his, "600"), his.patient()
    his.refund(NUMBER, "100.50")
    answer = correct(his, file_number=right)
    assert (answer["points"], answer["cumulative_points"]) == (600, 499)
    assert his.see(wrong)["cumulative_points"] == 0
    assert his.refund(NUMBER, "499.50")["cumulative_points"] == 0


@pytest.mark.parametrize(
    "given", [{"amount": "450.00"}, {"void": True}, {"amount": "450.00", "revision": 1}]
)
def test_the_same_correction_again_counts_once(his: Caller, given: dict[str, object]) -> None:
    paid(his, "600")
    first = correct(his, **given)
    again = correct(his, **given)
    assert (first.status, again.status) == (201, 200)
    assert first.content == again.content
    assert Correction.objects.count() == 1


def test_a_correction_is_repeated_with_the_totals_of_then(his: Caller) -> None:
    file_number = paid(his, "600")
    correct(his, amount="450.00")
    his.pay(file_number, "1000")
    again = correct(his, amount="450.00")
    assert (again.status, again["points"], again["cumulative_points"]) == (200, 450, 450)
    assert again["corrected"]["cumulative_points"] == 1450


def test_the_his_that_sends_the_first_payment_again_hears_what_it_did_then(his: Caller) -> None:
    file_number, right = his.patient(), his.patient()
    first = payment(file_number, "600", receipt_number=NUMBER)
    his.call("POST", "/payments", first)
    correct(his, file_number=right, amount="450.00")
    again = his.call("POST", "/payments", first)
    assert (again.status, again["points"], again["cumulative_points"]) == (200, 600, 600)
    assert his.see(file_number)["cumulative_points"] == 0
    assert his.see(right)["cumulative_points"] == 450


def test_a_payment_with_the_number_of_a_receipt_taken_back_is_refused(his: Caller) -> None:
    file_number = paid(his, "600")
    correct(his, void=True)
    answer = his.pay(file_number, "700", receipt_number=NUMBER)
    assert answer.refusal == (409, "receipt_voided", "receipt_number")


def test_a_number_with_strokes_is_found(his: Caller) -> None:
    paid(his, "600", "2026/03/0001")
    assert correct(his, "2026/03/0001", amount="450.00").status == 201
    assert correct(his, "2026%2F03%2F0001", amount="450.00").status == 200


@pytest.mark.parametrize(
    ("given", "status", "code", "field"),
    [
        ({"reason": ""}, 422, "required", "reason"),
        ({"reason": 5}, 422, "not_text", "reason"),
        ({}, 422, "nothing_changes", "amount"),
        ({"amount": 450}, 422, "not_text", "amount"),
        ({"amount": "0"}, 422, "not_positive", "amount"),
        ({"amount": "99.99"}, 409, "amount_below_refunds", "amount"),
        ({"file_number": "NOBODY"}, 404, "unknown_patient", "file_number"),
        ({"paid_at": "2099-01-01T00:00:00+08:00"}, 422, "in_future", "paid_at"),
        ({"paid_at": "1999-01-01T00:00:00+08:00"}, 422, "before_first_scheme", "paid_at"),
        ({"paid_at": "2026-03-02"}, 422, "not_a_time", "paid_at"),
        ({"revision": 2, "amount": "450"}, 409, "revision_changed", "revision"),
        ({"revision": "1", "amount": "450"}, 422, "not_a_revision", "revision"),
        ({"revision": 0, "amount": "450"}, 422, "not_a_revision", "revision"),
        ({"void": "yes"}, 422, "not_yes_or_no", "void"),
        ({"void": True, "amount": "450"}, 422, "void_with_content", "void"),
        ({"note": "x" * 201}, 422, "too_long", "note"),
        ({"note": "x\x00"}, 422, "unprintable", "note"),
    ],
)
def test_a_wrong_correction_is_refused(
    his: Caller, given: dict[str, object], status: int, code: str, field: str
) -> None:
    paid(his, "600")
    his.refund(NUMBER, "100")
    assert correct(his, **given).refusal == (status, code, field)
    assert not Correction.objects.exists()


def test_a_refund_after_the_new_time_of_payment_is_refused(his: Caller) -> None:
    file_number = his.patient()
    his.pay(file_number, "600", receipt_number=NUMBER, paid_at=ago(days=3))
    his.call("POST", "/refunds", refund(NUMBER, "100", refunded_at=ago(days=2)))
    answer = correct(his, paid_at=ago(days=1))
    assert answer.refusal == (409, "refund_before_payment", "paid_at")


def test_an_unknown_receipt_is_unknown(his: Caller) -> None:
    assert correct(his, "R-0").refusal == (404, "unknown_receipt", "receipt_number")


def test_a_receipt_is_not_taken_back_twice(his: Caller) -> None:
    paid(his, "600")
    correct(his, void=True)
    answer = correct(his, void=True, reason="另一个原因")
    assert answer.refusal == (409, "receipt_voided", "receipt_number")


def test_who_corrected_meanwhile_is_not_overwritten(his: Caller) -> None:
    paid(his, "600")
    correct(his, amount="500.00", revision=1)
    answer = correct(his, amount="400.00", revision=1)
    assert answer.refusal == (409, "revision_changed", "revision")
    assert correct(his, amount="400.00", revision=2)["revision"] == 3


def test_a_token_without_the_right_is_refused(his: Caller, db: None) -> None:
    paid(his, "600")
    answer = correct(caller("前台"), amount="450.00")
    assert answer.refusal == (403, "forbidden", None)
