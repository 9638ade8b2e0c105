"""The printed form 会员登记表, blank and filled in (S2:173-194)."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AccessLog, Membership, Patient, Signature
from members.operations.signatures import keep_signature
from members.rules.signing import Signed
from staff.models import User
from tests.desk.words import squeezed, words
from tests.factories.members import patient, resident_id
from tests.factories.points import member
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

ADULT = resident_id("19850312", serial=51)
ORDER = (
    "曲靖口腔医院会员登记表 姓名： 性别： 电话： 出生年月： 身份证号： 家庭住址： "
    "是否愿意接受回访 是否愿意接受精美杂志的邮寄投递 是否愿意接受会员回馈活动的邀请 "
    "会员签字： 日期："
)


@pytest.fixture
def someone(scheme: object) -> Patient:
    made = patient("P1", name="𠮷䶮")
    member(made, name="𠮷䶮", phone="13887430501", id_number=ADULT, address="麒麟区南宁西路9号")
    return made


def printed(client: Client, someone: Patient, reason: str = "存档") -> str:
    response = client.post(reverse("registration_form", args=[someone.pk]), {"reason": reason})
    return squeezed(response)


def assert_like_the_paper(page: str) -> None:
    places = [page.index(label) for label in ORDER.split()]
    assert places == sorted(places)


def test_the_blank_form_is_the_paper_s(as_front_desk: Client) -> None:
    page = squeezed(as_front_desk.get(reverse("registration_blank")))
    assert_like_the_paper(page)
    assert page.count("□是/否□") == 3


def test_the_filled_form_shows_all_and_leaves_a_record(
    as_front_desk: Client, someone: Patient
) -> None:
    page = printed(as_front_desk, someone)
    assert_like_the_paper(page)
    assert "姓名：𠮷䶮性别：男电话：13887430501出生年月：1985年3月12日" in page
    assert f"身份证号：{ADULT}家庭住址：麒麟区南宁西路9号" in page
    assert "回访☑是/否□" in page and "投递□是/否☑" in page
    seen = AccessLog.objects.get()
    assert (seen.patient, seen.what, seen.reason) == (someone, ["registration_form"], "存档")


def test_it_goes_away_by_itself_and_is_not_stored(as_front_desk: Client, someone: Patient) -> None:
    url = reverse("registration_form", args=[someone.pk])
    response = as_front_desk.post(url, {"reason": "存档"})
    assert response.headers["Refresh"] == f"60; url=/patients/{someone.pk}/"
    assert "no-store" in response.headers["Cache-Control"]


def test_looking_without_a_reason_shows_nothing(as_front_desk: Client, someone: Patient) -> None:
    url = reverse("registration_form", args=[someone.pk])
    for response in (as_front_desk.get(url), as_front_desk.post(url, {"reason": " "})):
        assert "13887430501" not in response.content.decode()
    assert "请填写打印的原因" in words(as_front_desk.post(url, {"reason": ""}))
    assert not AccessLog.objects.exists()


def test_who_may_not_see_numbers_prints_only_the_blank_form(
    as_cashier: Client, someone: Patient
) -> None:
    url = reverse("registration_form", args=[someone.pk])
    assert as_cashier.get(url).status_code == 403
    assert as_cashier.post(url, {"reason": "存档"}).status_code == 403
    assert as_cashier.get(reverse("registration_blank")).status_code == 200


def sign(someone: Patient, by: User) -> Signature:
    """The signature that this member would have made on the screen."""
    member = Membership.objects.get(patient=someone)
    signed = Signed("登记表", "iVBORw0KGgo=")
    return keep_signature(patient=someone, signed=signed, by=by, now=member.enrolled_at)


def test_a_guardian_and_a_passport_stand_on_the_form(as_front_desk: Client) -> None:
    child = patient("P2", name="小宝")
    given = {"document_type": "passport", "id_number": "E12345678", "birth_date": "2018-06-01"}
    who = {"guardian_name": "林平", "guardian_relation": "父亲", "guardian_phone": "13887430502"}
    member(child, name="小宝", **given, **who)
    page = printed(as_front_desk, child)
    assert "护照号码：E12345678" in page and "监护人：林平（父亲），电话13887430502" in page


def test_who_is_no_member_yet_signs_a_filled_sheet(as_front_desk: Client) -> None:
    page = printed(as_front_desk, patient("P3", name="李四"))
    assert "姓名：李四" in page and page.count("□是/否□") == 3
    assert as_front_desk.get(reverse("registration_form", args=[10**20])).status_code == 404


def test_a_signature_that_was_tampered_with_is_not_shown(someone: Patient) -> None:
    signature = sign(someone, user())
    assert signature.is_whole
    signature.text = "另一份登记表"
    assert not signature.is_whole
