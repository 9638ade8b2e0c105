"""Collecting services at the desk, service cards printed, scanned and stopped (R39)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Membership
from members.rules import service_card_number
from rewards.models import Claim, Undoing
from rewards.rules import Key
from tests.desk.conftest import browser_of
from tests.desk.words import squeezed, words
from tests.factories.members import patient
from tests.factories.points import member
from tests.factories.rewards import claimed, priced, this_year, used
from tests.factories.scheme import published
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

SCALING = "ultrasonic_scaling"
CODE = service_card_number(1)


@pytest.fixture
def vip(db: None) -> Membership:
    """A VIP where services come on cards."""
    published(service_delivery='"card"')
    return member(patient("V1"), "12000", name="岳灵珊")


@pytest.fixture
def senior(scheme: object) -> Membership:
    """A senior member where services stand in the e-file."""
    return member(patient("S1"), "6000", name="林平之")


@pytest.fixture
def card(vip: Membership) -> Claim:
    return claimed(vip, this_year(SCALING), code=CODE)


def page_of(membership: Membership) -> str:
    return reverse("claim", args=[membership.patient_id])


def value(key: Key) -> str:
    item, period, ordinal, _ = key
    return f"item={item}&period={period}&ordinal={ordinal}"


def collected(browser: Client, membership: Membership, *keys: Key, **typed: str) -> Any:
    given = {"services": [value(key) for key in keys], "slip_number": "00123"}
    return browser.post(page_of(membership), given | typed, follow=True)


def searched(browser: Client, typed: str) -> str:
    return str(browser.post(reverse("search"), {"q": typed}).headers.get("Location"))


def test_cards_are_collected_and_printed(as_front_desk: Client, vip: Membership) -> None:
    named = as_front_desk.get(f"{page_of(vip)}?{value(this_year(SCALING))}")
    assert "领取服务卡" in words(named) and named.content.decode().count(" checked") == 1
    done = collected(as_front_desk, vip, this_year(SCALING), this_year(SCALING, 2))
    assert "已领取 2 张服务卡，请打印后交给会员" in words(done)
    for claim in Claim.objects.all():
        assert str(claim.code) in squeezed(done)
        assert reverse("claim_qr", args=[claim.pk]) in done.content.decode()
    assert "岳灵珊" in words(done) and "有效期至" in words(done)


def test_in_the_e_file_collecting_is_noted(as_front_desk: Client, senior: Membership) -> None:
    assert "领取登记" in words(as_front_desk.get(page_of(senior)))
    done = words(collected(as_front_desk, senior, this_year(SCALING)))
    assert "已登记领取 1 项服务" in done and "电子登记" in done
    empty = as_front_desk.get(page_of(senior))
    assert "美容科面部护理" in words(empty) and "超声波洁牙" not in words(empty)


def test_what_is_missing_is_said(as_front_desk: Client, senior: Membership) -> None:
    assert "请选择要领取的服务" in words(collected(as_front_desk, senior))
    page = collected(as_front_desk, senior, this_year(SCALING), slip_number="")
    assert "请会员在屏幕上签字，或填写纸质凭证号" in words(page)
    gone = collected(as_front_desk, senior, this_year("air_polishing"))
    assert "其中有一项刚刚有变化" in words(gone) and not Claim.objects.exists()


def test_the_text_to_sign_names_what_is_collected(
    as_front_desk: Client, senior: Membership
) -> None:
    address = reverse("claim_text", args=[senior.patient_id])
    signed = words(as_front_desk.post(address, {"services": [value(this_year(SCALING))]}))
    assert "会员服务领取单" in signed and "林平之" in signed and "超声波洁牙" in signed
    assert "请选择要领取的服务" in words(as_front_desk.post(address, {}))


def test_nothing_to_collect_leads_back(as_front_desk: Client, scheme: object) -> None:
    ordinary = member(patient("O1"))
    assert "现在没有可领取的服务" in words(as_front_desk.get(page_of(ordinary)))
    assert as_front_desk.get(reverse("claim", args=[patient("N1").pk])).status_code == 404


def test_a_card_shows_its_number_for_people_and_scanners(
    as_front_desk: Client, card: Claim
) -> None:
    page = as_front_desk.get(reverse("service_card", args=[card.pk]))
    assert CODE in squeezed(page) and "凭证号P0001" in squeezed(page)
    for name in ("claim_qr", "claim_bars"):
        picture = as_front_desk.get(reverse(name, args=[card.pk]))
        assert picture["Content-Type"] == "image/svg+xml" and b"<path" in picture.content


def test_a_note_in_the_e_file_has_no_picture(as_front_desk: Client, senior: Membership) -> None:
    note = claimed(senior, this_year(SCALING))
    assert "领取登记" in words(as_front_desk.get(reverse("service_card", args=[note.pk])))
    for name in ("claim_qr", "claim_bars"):
        assert as_front_desk.get(reverse(name, args=[note.pk])).status_code == 404
    printed = as_front_desk.get(reverse("service_card_print", args=[note.pk]))
    assert "共" not in words(printed).split("打印服务卡")[-1]


def test_a_scanned_card_leads_to_its_use(as_front_desk: Client, card: Claim) -> None:
    use = reverse("use_service", args=[card.membership.patient_id])
    target = f"{use}?{value(this_year(SCALING))}&card={CODE}"
    assert searched(as_front_desk, CODE) == target
    assert searched(as_front_desk, f"{CODE[:4]} {CODE[4:8]} {CODE[8:]}") == target
    live = as_front_desk.post(reverse("search_live"), {"q": CODE})
    assert "超声波洁牙" in words(live) and "岳灵珊" in words(live)


def test_a_colleague_who_records_no_uses_sees_the_card(card: Claim) -> None:
    browser = browser_of(user("医生"))
    assert searched(browser, CODE) == reverse("service_card", args=[card.pk])


def test_a_lost_card_is_stopped_and_says_so_when_scanned(
    as_front_desk: Client, card: Claim
) -> None:
    stop = reverse("stop_claim", args=[card.pk])
    assert "请选择类别" in words(as_front_desk.post(stop, {"reason": "钱包被偷"}))
    assert "请填写原因" in words(as_front_desk.post(stop, {"kind": "lost"}))
    done = words(as_front_desk.post(stop, {"kind": "lost", "reason": "钱包被偷"}, follow=True))
    assert f"服务卡 {CODE} 已挂失" in done and "钱包被偷" in done
    assert searched(as_front_desk, CODE) == reverse("service_card", args=[card.pk])
    page = words(as_front_desk.get(reverse("service_card", args=[card.pk])))
    assert "这张服务卡已停用，不能使用" in page and "服务卡遗失" in page
    assert "重新领取服务卡" in page
    assert "这张服务卡已停用" in words(
        as_front_desk.get(reverse("service_card_print", args=[card.pk]))
    )
    assert "这一项已经撤销" in words(as_front_desk.post(stop, {"kind": "lost", "reason": "再来"}))


def test_a_note_is_undone_as_a_mistake(as_front_desk: Client, senior: Membership) -> None:
    note = claimed(senior, this_year(SCALING))
    stop = reverse("stop_claim", args=[note.pk])
    assert "挂失" not in words(as_front_desk.get(stop)).split("主题")[-1]
    assert "已撤销领取" in words(as_front_desk.post(stop, {"reason": "点错了"}, follow=True))
    assert Undoing.objects.get().kind == "mistake"


def test_a_used_card_says_when_and_is_not_stopped(as_front_desk: Client, card: Claim) -> None:
    priced(SCALING)
    used(card.membership, this_year(SCALING), card_code=CODE)
    page = words(as_front_desk.get(reverse("service_card", args=[card.pk])))
    assert "已经使用" in page and "挂失、撤销" not in page
    stop = reverse("stop_claim", args=[card.pk])
    refused = as_front_desk.post(stop, {"kind": "lost", "reason": "丢了"})
    assert "须先撤销使用" in words(refused)


def test_an_unknown_card_is_not_found(as_front_desk: Client, scheme: object) -> None:
    for pk in (0, 10**30):
        assert as_front_desk.get(reverse("service_card", args=[pk])).status_code == 404
    assert "没有找到" in words(as_front_desk.post(reverse("search"), {"q": CODE}))
