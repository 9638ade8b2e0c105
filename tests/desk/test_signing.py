"""The signature on the screen: what is shown, what is kept, and what voids it (R69)."""

import base64

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Membership, Patient, Signature, signature_digest
from tests.desk.test_enrolment import ADULT, answers, enrol_page
from tests.desk.words import words
from tests.factories.members import patient
from tests.factories.points import receipt

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

DRAWN = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n drawn").decode()


@pytest.fixture
def someone(scheme: object) -> Patient:
    made = patient(
        "E1",
        name="林平",
        phone="13887430201",
        document_type="resident_id",
        id_number=ADULT,
        address="云南省曲靖市麒麟区南宁西路9号",
    )
    receipt(made, "1000")
    return made


def shown(client: Client, someone: Patient, typed: dict[str, str]) -> str:
    """The text as the screen shows it."""
    page = client.post(reverse("text_to_sign", args=[someone.pk]), typed | {"signing": "screen"})
    return page.content.decode().partition("data-signing-text>")[2].partition("</pre>")[0]


def signed(client: Client, someone: Patient, **given: str) -> dict[str, str]:
    """The form with the signature under what the screen showed."""
    typed = answers(signing="screen", **given)
    return typed | {"signature": DRAWN, "signed_text": shown(client, someone, typed)}


def test_the_text_follows_the_paper_and_says_what_was_explained(
    as_cashier: Client, someone: Patient
) -> None:
    text = shown(as_cashier, someone, answers(phone="13887430209"))
    lines = [line.partition("：")[0] for line in text.splitlines()]
    assert lines[:10] == [
        "曲靖口腔医院会员登记表",
        "姓名",
        "性别",
        "电话",
        "出生年月",
        "身份证号",
        "家庭住址",
        "是否愿意接受回访",
        "是否愿意接受精美杂志的邮寄投递",
        "是否愿意接受会员回馈活动的邀请",
    ]
    assert "电话：13887430209" in text and "· 入会后为普通会员" in text
    assert "口腔保健礼品" in text and "医院定期为会员进行口腔检查" in text
    assert text.endswith(f"签字日期：{timezone.localdate()}")


def test_numbers_that_the_file_keeps_stay_masked(as_cashier: Client, someone: Patient) -> None:
    text = shown(as_cashier, someone, answers())
    assert "•••••••0201" in text and ADULT[-4:] in text
    for secret in ("13887430201", ADULT, "南宁西路9号"):
        assert secret not in text


def test_what_was_signed_is_kept_with_its_digest(as_cashier: Client, someone: Patient) -> None:
    typed = signed(as_cashier, someone)
    as_cashier.post(enrol_page(someone), typed)
    signature = Signature.objects.get()
    assert Membership.objects.get().signature == signature
    assert signature.text == typed["signed_text"]
    assert f"data:image/png;base64,{signature.image}" == DRAWN
    assert signature.digest == signature_digest(signature.text, signature.image)


def test_browsers_send_other_line_ends(as_cashier: Client, someone: Patient) -> None:
    typed = signed(as_cashier, someone)
    typed["signed_text"] = typed["signed_text"].replace("\n", "\r\n")
    as_cashier.post(enrol_page(someone), typed)
    assert "\r" not in Signature.objects.get().text


def test_a_form_changed_after_signing_is_signed_again(as_cashier: Client, someone: Patient) -> None:
    typed = signed(as_cashier, someone) | {"accepts_post": "yes"}
    page = as_cashier.post(enrol_page(someone), typed)
    assert "签字后登记表又改过，请会员重新签字" in words(page)
    assert DRAWN not in page.content.decode()
    assert not Membership.objects.exists() and not Signature.objects.exists()


def test_a_signature_survives_a_fault_that_leaves_the_form(as_cashier: Client) -> None:
    poor = patient("E2", name="林平")
    receipt(poor, "400")
    given = {"phone": "13887430202", "id_number": ADULT, "address": "麒麟区1号"}
    page = as_cashier.post(enrol_page(poor), signed(as_cashier, poor, **given))
    assert "积分未达入会标准" in words(page) and DRAWN in page.content.decode()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"signature": ""}, "请会员在屏幕上签字，或选择纸质签字"),
        ({"signature": "data:image/png;base64,AAAA"}, "没有收到签名"),
        ({"signature": "data:image/svg+xml;base64,AAAA"}, "没有收到签名"),
        ({"signature": DRAWN + "A" * 200_000}, "没有收到签名"),
        ({"signed_on": "2020-01-01"}, "屏幕签字的日期只能是今天"),
    ],
)
def test_no_signature_no_member(
    as_cashier: Client, someone: Patient, sent: dict[str, str], sentence: str
) -> None:
    typed = signed(as_cashier, someone) | sent
    assert sentence in words(as_cashier.post(enrol_page(someone), typed))
    assert not Membership.objects.exists()


def test_before_signing_one_hears_all_that_is_wrong(as_cashier: Client, someone: Patient) -> None:
    url = reverse("text_to_sign", args=[someone.pk])
    typed = answers(phone="12", explained="", signing="screen", signed_on="2020-01-01")
    page = words(as_cashier.post(url, typed))
    assert "请先把登记表填好，再签字" in page and "电话应为 11 位手机号" in page
    assert "请先向病人讲解会员待遇" in page and "家庭住址：" not in page
    assert "屏幕签字的日期只能是今天" in words(
        as_cashier.post(url, answers(signing="screen", signed_on="2020-01-01"))
    )


def test_paper_leaves_no_signature(as_cashier: Client, someone: Patient) -> None:
    as_cashier.post(enrol_page(someone), signed(as_cashier, someone) | {"signing": "paper"})
    assert Membership.objects.get().signature is None and not Signature.objects.exists()
