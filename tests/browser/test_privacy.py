"""A number that was shown is hidden again after half a minute, in a list and on its own page."""

import pytest
from playwright.sync_api import expect

from members.models import AccessLog
from tests.browser.conftest import PASSWORD, Desk
from tests.factories.members import patient
from tests.factories.points import receipt
from tests.factories.staff import user

pytestmark = pytest.mark.browser

PHONE = "13987450123"


def test_the_arrows_go_by_a_line_and_stay_in_their_column(desk: Desk) -> None:
    for at, name in enumerate(("段誉", "段正明")):
        receipt(patient(f"A{at}", name=name, phone=PHONE), f"{1200 - at}")
    desk.log_in(user("前台", password=PASSWORD), at="/joining/")
    expect(desk.page.get_by_role("link", name="段誉", exact=True)).to_be_focused()
    desk.type("ArrowDown")
    expect(desk.page.get_by_role("link", name="段正明", exact=True)).to_be_focused()
    desk.type("Tab", "ArrowUp")
    expect(desk.page.get_by_role("button", name="显示电话").first).to_be_focused()


def test_a_number_is_hidden_again_after_half_a_minute(desk: Desk) -> None:
    someone = patient("00012345", name="段誉", phone=PHONE)
    receipt(someone, "1200")
    desk.log_in(user("前台", password=PASSWORD))
    desk.page.clock.install()
    desk.open("/joining/")
    desk.page.get_by_role("button", name="显示电话").press("Enter")
    expect(desk.page.get_by_role("status").filter(has_text=PHONE)).to_be_focused()
    desk.page.clock.run_for(29_000)
    assert PHONE in desk.words()
    desk.page.clock.run_for(2_000)
    assert PHONE not in desk.words() and "•••••••0123" in desk.words()
    expect(desk.page.get_by_role("button", name="显示电话")).to_be_focused()

    desk.open(f"/patients/{someone.pk}/")
    desk.page.locator("[data-reveal]").first.press("Enter")
    expect(desk.page.get_by_label("原因")).to_be_focused()
    desk.type("回访", "Enter")
    expect(desk.page.get_by_text(PHONE)).to_be_visible()
    desk.page.clock.run_for(31_000)
    desk.page.wait_for_url(f"**/patients/{someone.pk}/")
    assert PHONE not in desk.words()
    assert list(AccessLog.objects.order_by("pk").values_list("reason", flat=True)) == [
        "征询入会",
        "回访",
    ]
    assert desk.complaints == []
