"""What every page has: keys, messages, the way back, and the way in again."""

import pytest
from playwright.sync_api import expect

from points.models import Receipt
from staff.models import User
from tests.browser.conftest import PASSWORD, Desk
from tests.factories.members import patient

pytestmark = pytest.mark.browser
ANOTHER = "zhe-li-you-yi-ge-xin-de"


def test_keys_are_told_and_a_message_is_closed_by_esc(desk: Desk, at_the_till: User) -> None:
    desk.log_in(at_the_till)
    desk.page.keyboard.press("?")
    sheet = desk.page.get_by_role("dialog", name="本页按键")
    expect(sheet).to_contain_text("F4 收费", use_inner_text=True)
    desk.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    desk.type("F3")
    expect(desk.page.locator("[data-search]")).to_be_focused()
    desk.type("F1")
    expect(sheet).to_be_visible()
    desk.type("F4", "Escape")
    expect(sheet).to_have_count(0)
    expect(desk.page.locator("[data-search]")).to_be_focused()
    expect(desk.page.locator("[data-search]")).to_have_value("")

    desk.open("/password/")
    desk.type(PASSWORD, "Tab", ANOTHER, "Tab", ANOTHER, "Ctrl+Enter")
    message = desk.page.get_by_text("密码已修改")
    expect(message).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(message).to_have_count(0)
    assert desk.complaints == []


def test_going_back_sends_nothing_and_a_log_in_that_ended_loses_nothing(
    desk: Desk, at_the_till: User
) -> None:
    address = f"/patients/{patient('00012345', name='段誉').pk}/pay/"
    desk.log_in(at_the_till, at=address)
    desk.type("12.345", "Ctrl+Enter")
    desk.page.wait_for_selector(".field-error")
    desk.open("/till/")
    sent: list[str] = []
    desk.page.on("request", lambda request: sent.append(request.method))
    desk.page.go_back()
    expect(desk.page.get_by_label("金额（元）")).to_be_focused()
    assert "POST" not in sent

    desk.type("5100", "Tab", "SJ0001")
    desk.context.clear_cookies(name="sessionid")
    desk.type("Ctrl+Enter")
    expect(desk.page.get_by_text("登录已过期")).to_be_visible()
    desk.type(at_the_till.username, "Tab", PASSWORD, "Enter")
    expect(desk.page.get_by_role("button", name="重新提交")).to_be_focused()
    assert not Receipt.objects.exists()
    desk.type("Enter")
    desk.page.wait_for_url("**/receipts/*/")
    assert "+5,100 分" in desk.words()
    assert desk.complaints == []
