"""The information system spends points, gives them back and asks what a member has (R20-R25)."""

import pytest

from points.models import PointsEntry
from rewards.models import Redemption
from tests.api.client import Answer, Caller
from tests.api.conftest import his_caller
from tests.api.test_one_effect import at_once
from tests.factories.scheme import draft, published, published_by_two

pytestmark = pytest.mark.django_db


@pytest.fixture
def his_b(db: None) -> Caller:
    """The information system while 方案A and 方案B are on."""
    published("qujing_dental_both")
    return his_caller()


def member_with(his: Caller, amount: str = "5000") -> str:
    """The membership number of somebody who paid so much."""
    file_number = his.patient()
    his.pay(file_number, amount)
    return str(his.join(file_number)["membership_number"])


def wish(member: str) -> dict[str, object]:
    return {
        "idempotency_key": "K-1",
        "membership_number": member,
        "item": "fissure_sealant",
        "quantity": 2,
        "teeth": ["75", "85"],
    }


def spend(his: Caller, member: str, **given: object) -> Answer:
    return his.call("POST", "/redemptions", wish(member) | given)


def test_points_are_spent_once_however_often_it_is_sent(his_b: Caller) -> None:
    number = member_with(his_b)
    first, again = spend(his_b, number), spend(his_b, number, teeth=["85", "75"])
    assert (first.status, again.status) == (201, 200)
    assert (
        first.content
        == again.content
        == {
            "redemption_number": Redemption.objects.get().number,
            "membership_number": number,
            "item": "fissure_sealant",
            "quantity": 2,
            "points": 4000,
            "available_points": 1000,
            "teeth": ["75", "85"],
            "expires_on": None,
            "cancelled": False,
        }
    )


def test_the_key_of_another_wish_is_refused(his_b: Caller) -> None:
    number = member_with(his_b)
    spend(his_b, number)
    other = spend(his_b, number, quantity=1, teeth=["75"])
    assert other.refusal == (409, "redemption_differs", "idempotency_key")


def test_a_refused_key_may_be_used_again(his_b: Caller) -> None:
    number = member_with(his_b)
    refused = spend(his_b, number, quantity=3, teeth=None)
    assert refused.refusal == (409, "too_few_points", "quantity")
    assert refused.error["missing_points"] == 1000
    assert spend(his_b, number).status == 201


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"membership_number": "0"}, (404, "unknown_membership", "membership_number")),
        (
            {"beneficiary_file_number": "0"},
            (404, "unknown_patient", "beneficiary_file_number"),
        ),
        ({"quantity": 0}, (422, "bad_quantity", "quantity")),
        ({"quantity": "2"}, (422, "bad_quantity", "quantity")),
        ({"teeth": ["75"]}, (422, "teeth_not_as_many", "teeth")),
        ({"teeth": ["75", "99"]}, (422, "no_such_tooth", "teeth")),
        ({"item": "facial_care"}, (422, "no_teeth_wanted", "teeth")),
        ({"item": "nothing"}, (422, "unknown_item", "item")),
        ({"item": "child_anti_caries"}, (409, "not_for_sale", "item")),
        ({"item": None}, (422, "required", "item")),
        ({"idempotency_key": ""}, (422, "required", "idempotency_key")),
    ],
)
def test_what_can_not_be_bought_says_why(
    his_b: Caller, given: dict[str, object], refusal: tuple[int, str, str]
) -> None:
    assert spend(his_b, member_with(his_b), **given).refusal == refusal


def test_without_plan_b_points_are_not_spent(his: Caller) -> None:
    answer = spend(his, member_with(his))
    assert answer.refusal == (409, "redemption_closed", "item")


def test_the_points_come_back_once(his_b: Caller) -> None:
    number = str(spend(his_b, member_with(his_b))["redemption_number"])
    first = his_b.call("POST", f"/redemptions/{number}/cancel", {"reason": "病人改期"})
    again = his_b.call("POST", f"/redemptions/{number}/cancel", {})
    bare = his_b.call("POST", f"/redemptions/{number}/cancel", raw=b"")
    assert (first.status, again.status, bare.status) == (201, 200, 200)
    assert (
        first.content
        == again.content
        == {
            "redemption_number": number,
            "points": 4000,
            "available_points": 5000,
        }
    )
    assert Redemption.objects.get().cancel.reason == "病人改期"


def test_a_redemption_that_is_not_there_is_not_cancelled(his_b: Caller) -> None:
    answer = his_b.call("POST", "/redemptions/DH1/cancel", {})
    assert answer.refusal == (404, "unknown_redemption", "redemption_number")


def test_a_cancelled_redemption_is_still_told_by_its_key(his_b: Caller) -> None:
    number = member_with(his_b)
    redemption = spend(his_b, number)["redemption_number"]
    his_b.call("POST", f"/redemptions/{redemption}/cancel", {})
    again = spend(his_b, number)
    assert (again.status, again["cancelled"], again["available_points"]) == (200, True, 1000)


def test_what_a_member_has_is_told_with_its_state(his_b: Caller) -> None:
    number = member_with(his_b)
    pk = int(str(spend(his_b, number)["redemption_number"])[2:])
    found = his_b.call("GET", f"/members/{number}/entitlements")["entitlements"]
    assert {(each["code"], each["period"], each["ordinal"], each["state"]) for each in found} >= {
        ("gift_50", "once:senior", 1, "open"),
        ("fissure_sealant", f"redemption:{pk}", 1, "open"),
        ("fissure_sealant", f"redemption:{pk}", 2, "open"),
    }
    assert all(set(each) >= {"kind", "expires_on"} for each in found)


def test_nobodys_entitlements_are_not_there(his_b: Caller) -> None:
    answer = his_b.call("GET", "/members/0/entitlements")
    assert answer.refusal == (404, "unknown_membership", "membership_number")


def test_a_wish_sent_by_many_at_once_is_fulfilled_once(committing: None) -> None:
    published("qujing_dental_both")
    his = his_caller()
    answers = at_once(his, [wish(member_with(his))] * 8, "/redemptions")
    statuses = [answer.status for answer in answers]
    assert (statuses.count(201), statuses.count(200)) == (1, 7)
    assert PointsEntry.objects.filter(kind="redeem").count() == 1


def test_on_the_effective_day_and_not_before(his: Caller) -> None:
    """A version with 方案B that comes into force later sells nothing yet."""
    published_by_two(draft("qujing_dental_both", effective_from="2099-01-01"))
    assert spend(his, member_with(his)).refusal == (409, "redemption_closed", "item")
