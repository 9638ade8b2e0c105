"""A due gift leaves the till with two keys: F2, and Ctrl+Enter under the signature."""

import pytest
from playwright.sync_api import expect

from members.models import Patient
from rewards.models import Issue
from staff.models import User
from tests.browser.conftest import Desk
from tests.browser.test_every_page import barriers
from tests.browser.test_registration import draw
from tests.factories.members import patient
from tests.factories.points import member, receipt

pytestmark = pytest.mark.browser


@pytest.fixture
def senior(hospital: None) -> Patient:
    """A member who has just paid 5,000 yuan; two gifts are due."""
    someone = patient("B1")
    member(someone, "1000")
    receipt(someone, "5000", number="S1")
    return someone


def test_the_member_signs_and_the_gifts_are_issued(
    desk: Desk, at_the_till: User, senior: Patient, axe: str
) -> None:
    desk.log_in(at_the_till, at=f"/patients/{senior.pk}/")
    assert "请发礼品 口腔保健礼品（10元） 1 份 口腔保健礼品（50元） 1 份" in desk.words()
    desk.type("F2")
    expect(desk.page.locator("[data-signing-text]")).to_contain_text("（50元） 1 份（高级会员）")
    assert barriers(desk, axe) == []
    draw(desk)
    desk.type("Ctrl+Enter")
    desk.page.wait_for_url(f"**/patients/{senior.pk}/")
    expect(desk.page.get_by_text("今天已发")).to_be_visible()
    first, second = Issue.objects.select_related("signature")
    assert first.signature and first.signature == second.signature
    assert desk.complaints == []


def test_a_slip_number_is_typed_at_once_the_second_time(
    desk: Desk, at_the_till: User, senior: Patient
) -> None:
    desk.log_in(at_the_till, at=f"/patients/{senior.pk}/issue/")
    paper = desk.page.get_by_role("button", name="改为纸质凭证")
    expect(paper).to_be_visible()
    desk.type("Escape")
    expect(desk.page.get_by_role("button", name="请会员在屏幕上签字")).to_be_focused()
    desk.type("F2")
    paper.click()
    desk.page.get_by_role("checkbox", name="（50元）").uncheck()
    desk.page.get_by_label("纸质凭证号").focus()
    desk.type("L-0001", "Enter")
    desk.page.wait_for_url(f"**/patients/{senior.pk}/")
    desk.type("F2")
    expect(desk.page.get_by_label("纸质凭证号")).to_be_focused()
    desk.type("L-0002", "Enter")
    desk.page.wait_for_url(f"**/patients/{senior.pk}/")
    expect(desk.page.get_by_text("今天已发")).to_be_visible()
    slips = Issue.objects.order_by("pk").values_list("slip_number", "given_item__code")
    assert list(slips) == [("L-0001", "gift_10"), ("L-0002", "gift_50")]
    assert desk.complaints == []
