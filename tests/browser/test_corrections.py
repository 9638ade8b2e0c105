"""A receipt put right with the keyboard only; what a manager then looks at."""

import pytest
from playwright.sync_api import expect

from points.models import Receipt, Refund
from staff.models import User
from tests.browser.conftest import PASSWORD, Desk
from tests.browser.test_every_page import barriers, wider_than_the_window
from tests.factories.members import patient
from tests.factories.points import receipt, refund
from tests.factories.staff import user

pytestmark = pytest.mark.browser


def test_correct_take_back_and_enter_again_without_a_mouse(
    desk: Desk, at_the_till: User, axe: str
) -> None:
    wrong = patient("00012345", name="段誉")
    patient("00012346", name="段正明")
    paid = receipt(wrong, "5100", number="SJ0001", by=at_the_till)
    desk.log_in(at_the_till, at=f"/receipts/{paid.receipt_id}/")
    desk.page.keyboard.press("F7")
    desk.page.wait_for_url("**/correct/")
    expect(desk.page.get_by_label("档案号", exact=True)).to_be_focused()
    desk.page.keyboard.press("Control+a")
    desk.type("00012346")
    desk.page.get_by_label("更正原因").focus()
    desk.type("录到同姓的人名下", "Ctrl+Enter")
    expect(desk.page.get_by_role("heading", name="请核对：收据 SJ0001")).to_be_visible()
    assert "段誉（00012345）：累计 5,100 分 → 0 分" in desk.words()
    assert "段正明（00012346）：累计 0 分 → 5,100 分" in desk.words()
    assert barriers(desk, axe) == []
    expect(desk.page.get_by_role("button", name="确认更正")).to_be_focused()
    desk.type("Enter")
    desk.page.wait_for_url("**/receipts/*/?corrected=1")
    assert "收据 SJ0001 已更正为第 2 版" in desk.words()
    assert barriers(desk, axe) == []

    desk.page.keyboard.press("F10")
    desk.page.wait_for_url("**/void/")
    assert barriers(desk, axe) == []
    desk.type("没有付款", "Enter")
    desk.page.wait_for_url("**/receipts/*/?corrected=1")
    assert "收据 SJ0001 已冲正" in desk.words()
    assert barriers(desk, axe) == []
    assert not Receipt.objects.filter(voided=False).exists()
    assert desk.complaints == []


def test_a_refund_is_taken_back_and_a_late_receipt_entered(
    desk: Desk, at_the_till: User, axe: str
) -> None:
    someone = patient("00012345", name="段誉")
    paid = receipt(someone, "5100", number="SJ0001", by=at_the_till)
    refund("SJ0001", "100", number="TF0001", by=at_the_till)
    desk.log_in(at_the_till, at=f"/receipts/{paid.receipt_id}/")
    desk.page.get_by_role("link", name="冲正退费").focus()
    desk.type("Enter")
    desk.page.wait_for_url("**/refunds/*/void/")
    assert barriers(desk, axe) == []
    desk.type("退错了收据", "Enter")
    desk.page.wait_for_url("**/receipts/*/?unrefunded=*")
    assert "退费单 TF0001 已冲正" in desk.words() and "+100 分" in desk.words()
    assert Refund.objects.get().voided

    desk.open(f"/patients/{someone.pk}/pay/")
    desk.type("80", "Enter", "SJ0002")
    desk.page.locator("summary", has_text="补录以前的收据").focus()
    desk.type("Enter", "Tab", "20260302", "Enter", "0930", "Ctrl+Enter")
    desk.page.wait_for_url("**/receipts/*/")
    assert "补录：计入 2026年3月2日 的收费" in desk.words()
    assert barriers(desk, axe) == []
    assert desk.complaints == []


def test_the_managers_list_has_no_barrier_and_fits(desk: Desk, at_the_till: User, axe: str) -> None:
    someone = patient("00012345", name="段誉")
    receipt(someone, "5100", number="SJ0001", by=at_the_till)
    refund("SJ0001", "100", number="TF0001", by=at_the_till)
    desk.log_in(user("总经理", password=PASSWORD))
    desk.page.get_by_role("link", name="每日核查").first.focus()
    desk.type("Enter")
    desk.page.wait_for_url("**/oversight/")
    assert "TF0001" in desk.words() and "没有：这一天没有更正过收据和退费。" in desk.words()
    assert barriers(desk, axe) == []
    desk.page.set_viewport_size({"width": 768, "height": 1024})
    assert not wider_than_the_window(desk)
    assert desk.complaints == []
