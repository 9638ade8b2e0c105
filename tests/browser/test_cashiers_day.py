"""The cashier's day with the keyboard only, in a real browser."""

import pytest
from playwright.sync_api import expect

from members.models import Membership
from points.models import Receipt, Refund
from staff.models import User
from tests.browser.conftest import Desk
from tests.factories.members import patient, resident_id

pytestmark = pytest.mark.browser


def test_find_pay_join_and_refund_without_a_mouse(desk: Desk, at_the_till: User) -> None:
    patient("00012345", name="段誉", phone="13887431234")
    patient("00012346", name="段正明", phone="13887431235")
    desk.log_in_by_hand(at_the_till)

    desk.type("F4")
    desk.page.wait_for_url("**/till/")
    desk.type("段", "Enter")
    expect(desk.page.get_by_role("heading", name="“段” 找到 2 位")).to_be_visible()
    expect(desk.page.locator("[data-list] a").first).to_be_focused()
    desk.type("ArrowDown", "Enter")
    desk.page.wait_for_url("**/pay/")
    assert "段誉" in desk.words() or "段正明" in desk.words()

    desk.type("5100", "Enter", "SJ0001", "Enter")  # as fast as a scanner, with Caps Lock on
    desk.page.wait_for_url("**/receipts/*/")
    assert "+5,100 分" in desk.words() and "可以入会" in desk.words()

    desk.type("F2")
    desk.page.wait_for_url("**/enrol/")
    fill_in_the_form(desk)
    desk.type("Ctrl+Enter")
    desk.page.wait_for_url("**/patients/*/?enrolled=1")
    assert f"入会成功，会员号 {Membership.objects.get().number}" in desk.words()
    assert "一次性消费 5,100 元，直接升级为高级会员" in desk.words()

    desk.page.get_by_role("link", name="SJ0001").focus()
    desk.type("Enter")
    desk.page.wait_for_url("**/receipts/*/")
    desk.type("F8")
    desk.page.wait_for_url("**/refund/")
    desk.type("TF0001", "Enter", "种植改期", "Enter")
    desk.page.wait_for_url("**/receipts/*/?refund=*")
    assert "-5,100 分" in desk.words() and "级别复核待定" in desk.words()

    desk.type("F4")
    desk.page.wait_for_url("**/till/")
    assert "收费 5,100.00 元，退费 1 笔 5,100.00 元" in desk.words()
    assert Receipt.objects.get().number == "SJ0001" and Refund.objects.count() == 1
    assert desk.complaints == []


def fill_in_the_form(desk: Desk) -> None:
    """As the paper goes: what the file holds stays, the rest is typed."""
    focus = desk.page.get_by_label("身份证号").focus
    focus()
    desk.type(resident_id("19880808", serial=11))
    assert desk.page.get_by_label("出生年月").input_value() == "1988-08-08"
    desk.type("Enter", "云南省曲靖市麒麟区寥廓北路18号")
    for answer in ("Space", "ArrowRight", "Space"):
        desk.type("Enter", answer)
    desk.type("Enter", "Space", "Enter", "2")


def test_two_enters_at_once_post_one_receipt_and_mistakes_are_pointed_at(
    desk: Desk, at_the_till: User
) -> None:
    someone = patient("00012345", name="段誉")
    desk.log_in(at_the_till, at=f"/patients/{someone.pk}/pay/")
    desk.type("12x", "Enter", "SJ0001", "Enter")
    wrong = desk.page.get_by_label("金额（元）")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("12x")
    assert "金额应为不超过 8 位的元数" in desk.words()
    wrong.fill("")
    desk.type("１２８．５０", "Enter")
    desk.page.evaluate(
        """() => {
             const form = document.querySelector("[data-enter-walks]");
             form.requestSubmit();
             form.requestSubmit();
           }"""
    )
    desk.page.wait_for_url("**/receipts/*/")
    assert "+128 分" in desk.words() and "已经入过账" not in desk.words()
    assert Receipt.objects.count() == 1
    desk.type("F3", "没有这个人", "Enter")
    expect(desk.page.get_by_text("没有找到“没有这个人”")).to_be_visible()
    assert desk.complaints == []
