from datetime import date, timedelta

import pytest
from django.utils import timezone

from members.models import Membership, Patient
from members.rules import is_membership_number
from tests.api.client import Caller, ago
from tests.factories.members import resident_id

pytestmark = pytest.mark.django_db


def ready(his: Caller, amount: str = "1000", **given: object) -> str:
    """The file number of someone who can join."""
    file_number = his.patient()
    his.pay(file_number, amount, **given)
    return file_number


def day(back: int = 0) -> str:
    return (timezone.localdate() - timedelta(days=back)).isoformat()


def test_whoever_reached_the_threshold_joins(his: Caller) -> None:
    file_number = ready(his)
    answer = his.join(file_number, name="李四", sex="female", id_number=resident_id(serial=12))
    assert answer.status == 201
    number = answer["membership_number"]
    assert is_membership_number(number)
    assert answer.content == {
        "membership_number": number,
        "file_number": file_number,
        "tier": "ordinary",
        "due": [{"code": "gift_10", "kind": "gift", "quantity": 1, "expires_on": None}],
    }
    assert Patient.objects.get(file_number=file_number).name == "李四"


def test_the_same_file_and_document_again_is_the_same_membership(his: Caller) -> None:
    file_number, document = ready(his), resident_id("19850312")
    first = his.join(file_number, id_number=document)
    his.pay(file_number, "10000")
    again = his.join(file_number, id_number=document.lower())
    assert (first.status, again.status) == (201, 200)
    assert again["membership_number"] == first["membership_number"]
    assert again["tier"] == "vip"
    assert Membership.objects.count() == 1


def test_a_member_with_another_document_is_a_conflict(his: Caller) -> None:
    file_number = ready(his)
    his.join(file_number)
    assert his.join(file_number).refusal == (409, "already_member", "file_number")


def test_the_document_of_a_member_is_a_conflict(his: Caller) -> None:
    document = resident_id()
    his.join(ready(his), id_number=document)
    answer = his.join(ready(his), id_number=document)
    assert answer.refusal == (409, "membership_one_person_one_member", "id_number")
    assert Membership.objects.count() == 1


def test_below_the_threshold_the_answer_says_what_is_missing(his: Caller) -> None:
    file_number = ready(his, "999.99")
    answer = his.join(file_number, name="李四")
    assert answer.refusal == (409, "not_eligible", None)
    assert answer.error["missing_points"] == 1
    assert "还差 1 分" in answer.error["message"]
    assert Patient.objects.get(file_number=file_number).name == "张三丰"


def test_a_day_that_is_over_helps_only_the_total(his: Caller) -> None:
    file_number = ready(his, "999", paid_at=ago(days=3))
    assert his.join(file_number).error["missing_points"] == 1000


def test_an_unknown_file_cannot_join(his: Caller) -> None:
    assert his.join("1").refusal == (404, "unknown_patient", "file_number")


def test_nobody_signs_in_the_future_or_before_being_allowed(his: Caller) -> None:
    file_number = ready(his, paid_at=ago(days=10))
    assert his.join(file_number, signed_on=day(-1)).refusal == (
        422,
        "signed_in_future",
        "signed_on",
    )
    assert his.join(file_number, signed_on=day(11)).refusal == (
        422,
        "signed_before_eligible",
        "signed_on",
    )
    assert his.join(file_number, signed_on="2013-09-30").refusal == (
        422,
        "before_first_scheme",
        "signed_on",
    )
    assert his.join(file_number, signed_on=day(10)).status == 201


def test_a_receipt_recorded_after_joining_raises_the_level_whenever_it_was_paid(
    his: Caller,
) -> None:
    file_number = ready(his, paid_at=ago(days=10))
    his.join(file_number, signed_on=day(10))
    answer = his.pay(file_number, "5000", paid_at=ago(days=30))
    assert (answer["tier"], answer["tier_reached"]) == ("senior", "senior")


def test_a_minor_needs_a_guardian(his: Caller) -> None:
    born = date.today().replace(day=1) - timedelta(days=3000)
    child: dict[str, object] = {"id_number": resident_id(f"{born:%Y%m%d}", serial=21)}
    file_number = ready(his)
    assert his.join(file_number, **child).refusal == (422, "guardian_required", "guardian_name")
    guardian = {"guardian_name": "张翠山", "guardian_relation": "父亲"}
    assert his.join(file_number, **child, **guardian).refusal[0] == 422
    phone = {"guardian_phone": "13987451234"}
    assert his.join(file_number, **child, **guardian, **phone).status == 201


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "sex",
        "phone",
        "id_number",
        "address",
        "accepts_follow_up",
        "accepts_post",
        "accepts_activities",
        "explained",
        "signed_on",
    ],
)
@pytest.mark.parametrize("gap", [None, ""])
def test_a_gap_in_the_form_is_refused(his: Caller, field: str, gap: object) -> None:
    # A foreign document, which brings neither sex nor birth date along.
    form = {"document_type": "passport", "id_number": "G12345678", "birth_date": "1985-03-12"}
    answer = his.join(ready(his), **{**form, field: gap})
    assert (answer.refusal[0], answer.refusal[2]) == (422, field)
    assert not Membership.objects.exists()


@pytest.mark.parametrize("field", ["sex", "phone", "id_number", "address"])
def test_what_the_patient_file_knows_is_said_again_on_the_form(his: Caller, field: str) -> None:
    document = resident_id("19850312", serial=11)
    known = {"sex": "male", "phone": "13800138000", "id_number": document, "address": "曲靖"}
    file_number = ready(his)
    his.call("PUT", f"/patients/{file_number}", {"name": "张三", **known})
    answer = his.join(file_number, **{**known, field: None})
    assert answer.refusal == (422, "required", field)


def test_whoever_was_not_explained_the_benefits_does_not_join(his: Caller) -> None:
    assert his.join(ready(his), explained=False).refusal == (422, "not_explained", "explained")
