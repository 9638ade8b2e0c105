"""What the hospital's information system is told to hand over: `due` (R38, R66)."""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Membership
from rewards.operations.issuing import issue_gifts
from rewards.rules.proof import Proof
from staff.models import User
from staff.rules import business_day
from tests.api.client import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

GIFT_10 = {"code": "gift_10", "kind": "gift", "quantity": 1, "expires_on": None}
GIFT_100 = GIFT_10 | {"code": "gift_100"}


def once(code: str, kind: str = "service") -> dict[str, object]:
    return {"code": code, "kind": kind, "quantity": 1, "expires_on": None}


def of_year(code: str, quantity: int) -> dict[str, object]:
    last = f"{business_day(timezone.now()).year}-12-31"
    return {"code": code, "kind": "service", "quantity": quantity, "expires_on": last}


def by_code(due: list[dict[str, object]]) -> dict[object, dict[str, object]]:
    assert len({each["code"] for each in due}) == len(due)
    return {each["code"]: each for each in due}


@pytest.fixture
def member(his: Caller) -> str:
    file_number = his.patient()
    his.pay(file_number, "1000")
    his.join(file_number)
    return file_number


def test_joining_and_a_level_reached_say_what_they_bring(his: Caller) -> None:
    file_number = his.patient()
    assert his.pay(file_number, "1000")["due"] == []
    assert his.join(file_number)["due"] == [GIFT_10]
    answer = his.pay(file_number, "10000")
    expected = [
        GIFT_10,
        GIFT_100,
        once("facial_care"),
        once("herbal_therapy"),
        of_year("ultrasonic_scaling", 2),
    ]
    assert by_code(answer["due"]) == by_code(expected)
    assert his.see(file_number)["due"] == answer["due"]


def test_what_was_handed_over_is_due_no_more(his: Caller, member: str) -> None:
    issue_gifts(
        membership=Membership.objects.select_related("patient").get(),
        keys=[("gift_10", "once:ordinary", 1, None)],
        proof=Proof(slip_number="L-0001"),
        by=User.objects.system(),
        now=timezone.now(),
    )
    assert his.see(member)["due"] == []


def test_what_a_review_holds_is_not_due(his: Caller, member: str) -> None:
    receipt_number = his.pay(member, "10000")["receipt_number"]
    assert GIFT_100 in his.see(member)["due"]
    assert his.refund(receipt_number, "9500")["review_opened"]
    assert his.see(member)["due"] == [GIFT_10]


def test_a_correction_says_what_its_patient_is_due_now(his: Caller, member: str) -> None:
    receipt_number = his.pay(member, "1")["receipt_number"]
    given = {"reason": "录错金额", "amount": "10001"}
    answer = his.call("POST", f"/payments/{receipt_number}/corrections", given)
    assert answer["tier"] == "vip" and GIFT_100 in answer["due"]


def test_what_is_due_costs_an_answer_few_statements(
    his: Caller, member: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(11):
        his_due = his.see(member)["due"]
    assert his_due == [GIFT_10]
