"""The catalogue across the desk: spending points, cancelling (R20-R25)."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from members.models import Card, Membership
from rewards.models import Redemption
from tests.desk.words import squeezed, words
from tests.factories.members import patient
from tests.factories.points import receipt, refund
from tests.factories.scheme import published
from tests.rewards.bought import bought, spender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def both_plans(db: None) -> None:
    published("qujing_dental_both")


@pytest.fixture
def rich() -> Membership:
    return spender("5000", "P1")


def catalogue_of(membership: Membership) -> str:
    return reverse("catalogue", args=[membership.patient_id])


def redeem_page(membership: Membership, item: str) -> str:
    return reverse("redeem", args=[membership.patient_id, item])


def answers(**given: object) -> dict[str, object]:
    shown = {"shown": "document", "document_shown": "resident_id"}
    return {"key": "k1", "quantity": "1", "meant_for": "", **shown, **given}


def test_the_catalogue_shows_prices_and_what_is_missing(
    as_front_desk: Client, rich: Membership
) -> None:
    page = squeezed(as_front_desk.get(catalogue_of(rich)))
    assert "可用积分5,000分" in page
    assert "窝沟封闭（进口材料）2,000分/颗可以兑换" in page
    assert "喷砂洁牙（带抛光脱敏）6,000分/次还差1,000分" in page


def test_only_what_can_be_paid_is_a_way_on(as_front_desk: Client, rich: Membership) -> None:
    source = as_front_desk.get(catalogue_of(rich)).content.decode()
    assert redeem_page(rich, "facial_care") in source
    assert redeem_page(rich, "air_polishing") not in source


def test_who_may_not_spend_sees_prices_alone(as_doctor: Client, rich: Membership) -> None:
    assert (
        redeem_page(rich, "facial_care") not in as_doctor.get(catalogue_of(rich)).content.decode()
    )


def test_a_debt_is_said_in_plain_words(as_front_desk: Client, rich: Membership) -> None:
    number = receipt(rich.patient, "1000").receipt_number
    bought(rich, quantity=3)
    refund(number, "1000")
    assert "因退费欠1,000分，补足后可以兑换" in squeezed(as_front_desk.get(catalogue_of(rich)))


def test_only_members_have_a_catalogue(as_front_desk: Client, rich: Membership) -> None:
    stranger = patient("P2")
    assert as_front_desk.get(reverse("catalogue", args=[stranger.pk])).status_code == 404


def test_the_way_there_stands_on_the_members_page(as_front_desk: Client, rich: Membership) -> None:
    page = as_front_desk.get(reverse("patient", args=[rich.patient_id]))
    assert catalogue_of(rich) in page.content.decode()


def test_two_sealants_for_two_teeth(as_front_desk: Client, rich: Membership) -> None:
    typed = answers(quantity="2", teeth=["85", "75"])
    response = as_front_desk.post(redeem_page(rich, "fissure_sealant"), typed, follow=True)
    done = Redemption.objects.get()
    assert response.redirect_chain == [(reverse("redemption", args=[done.pk]), 302)]
    assert (done.teeth, done.points, done.document_shown) == (["75", "85"], 4000, "resident_id")
    assert "已兑换儿童窝沟封闭（进口材料）2颗，扣4,000分，可用积分余1,000分" in squeezed(response)
    assert "牙位75、85" in squeezed(response)


def test_the_members_card_is_scanned(as_front_desk: Client, rich: Membership) -> None:
    card = Card.objects.get(membership=rich)
    typed = answers(shown="card", card_number=card.number, document_shown="")
    as_front_desk.post(redeem_page(rich, "facial_care"), typed)
    assert Redemption.objects.get().card == card


def test_sent_twice_it_is_bought_once(as_front_desk: Client, rich: Membership) -> None:
    for _ in range(2):
        as_front_desk.post(redeem_page(rich, "gift_10"), answers())
    assert Redemption.objects.count() == 1


def test_a_gift_goes_on_to_be_handed_over(as_front_desk: Client, rich: Membership) -> None:
    response = as_front_desk.post(redeem_page(rich, "gift_10"), answers(then="issue"))
    assert response["Location"] == reverse("issue", args=[rich.patient_id])
    page = squeezed(as_front_desk.get(response["Location"]))
    assert "口腔保健礼品（10元）1份" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"quantity": "3"}, "需要 6,000 分，可用积分 5,000 分，还差 1,000 分"),
        ({"quantity": "x"}, "数量应为整数，例如 2"),
        ({"quantity": "0"}, "数量应为 1 至 999 的整数"),
        ({"teeth": ["75", "85"]}, "选了 2 颗牙，数量却是 1，两者应相同"),
        ({"teeth": ["99"]}, "没有牙位 99"),
        ({"document_shown": ""}, "请选择会员出示的证件"),
        ({"shown": "card"}, "请扫描会员卡，或改为出示有效证件"),
        ({"shown": "card", "card_number": "8"}, "卡号 8 不是张三丰现在使用的卡"),
        ({"shown": "card", "card_number": "8\x00"}, "卡号含有无法识别的字符"),
        ({"shown": "card", "card_number": "8" * 65}, "卡号最多 64 个字"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    as_front_desk: Client, rich: Membership, given: dict[str, object], sentence: str
) -> None:
    response = as_front_desk.post(redeem_page(rich, "fissure_sealant"), answers(**given))
    assert sentence in words(response)
    assert not Redemption.objects.exists()


def test_a_wrong_form_keeps_the_chosen_teeth(as_front_desk: Client, rich: Membership) -> None:
    typed = answers(teeth=["75"], quantity="2")
    source = as_front_desk.post(redeem_page(rich, "fissure_sealant"), typed).content.decode()
    assert 'aria-label="75 左下第二乳磨牙"\n                     checked' in source


def test_an_item_that_is_not_sold_has_no_page(as_front_desk: Client, rich: Membership) -> None:
    assert as_front_desk.get(redeem_page(rich, "child_anti_caries")).status_code == 404


def test_points_come_back_with_a_reason(as_front_desk: Client, rich: Membership) -> None:
    done = bought(rich).redemption
    page = reverse("cancel_redemption", args=[done.pk])
    assert "请填写取消原因" in words(as_front_desk.post(page, {"reason": ""}))
    response = as_front_desk.post(page, {"reason": "会员改变主意"}, follow=True)
    assert "已取消兑换，退回2,000分，可用积分5,000分" in squeezed(response)
    assert "原因：会员改变主意" in words(response)


def test_what_was_cancelled_has_no_button_left(as_front_desk: Client, rich: Membership) -> None:
    done = bought(rich).redemption
    page = reverse("cancel_redemption", args=[done.pk])
    as_front_desk.post(page, {"reason": "录错"})
    assert page not in as_front_desk.get(reverse("redemption", args=[done.pk])).content.decode()
    assert "这次兑换不能取消" in words(as_front_desk.get(page))


def test_the_catalogue_costs_a_bounded_number_of_statements(
    as_front_desk: Client, rich: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    as_front_desk.get(catalogue_of(rich))
    for _ in range(5):
        receipt(rich.patient, "10")
    with django_assert_max_num_queries(20):
        as_front_desk.get(catalogue_of(rich))


def test_the_ledger_tells_what_was_bought(as_front_desk: Client, rich: Membership) -> None:
    done = bought(rich).redemption
    as_front_desk.post(reverse("cancel_redemption", args=[done.pk]), {"reason": "录错"})
    page = as_front_desk.get(reverse("patient", args=[rich.patient_id]))
    assert reverse("redemption", args=[done.pk]) in page.content.decode()
    assert f"兑换{done.number}儿童氟保护漆防龋护理1全口-2,000" in squeezed(page)
    assert f"取消兑换{done.number}儿童氟保护漆防龋护理1全口：录错+2,000" in squeezed(page)
