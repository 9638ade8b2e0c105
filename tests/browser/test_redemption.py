"""A member redeems two sealants for a child's teeth, from the keyboard; the pages for everybody."""

import pytest
from playwright.sync_api import expect

from members.models import Membership
from rewards.models import Redemption
from tests.browser.conftest import PASSWORD, Desk
from tests.browser.test_every_page import barriers, wider_than_the_window
from tests.factories.scheme import published
from tests.factories.staff import user
from tests.rewards.bought import bought, spender

pytestmark = pytest.mark.browser


@pytest.fixture
def hospital(committing: None) -> None:
    """方案A and 方案B, committed, so that the server's own connections see them."""
    published("qujing_dental_both")


@pytest.fixture
def rich(hospital: None) -> Membership:
    return spender("5000", "B1")


def test_two_sealants_for_a_childs_teeth(desk: Desk, rich: Membership) -> None:
    desk.log_in(user("前台", password=PASSWORD), at=f"/patients/{rich.patient_id}/")
    desk.page.get_by_role("link", name="积分兑换").click()
    desk.page.get_by_role("link", name="儿童窝沟封闭").click()
    expect(desk.page.get_by_label("数量")).to_be_focused()
    desk.page.get_by_label("18 右上第三磨牙").focus()
    desk.type("ArrowDown", "ArrowDown", "ArrowDown", "Space", "ArrowRight", "Space")
    expect(desk.page.get_by_label("数量")).to_have_value("2")
    assert "共需 4,000 分" in desk.words() and "兑换后余 1,000 分" in desk.words()
    desk.page.get_by_label("有效证件").check()
    desk.page.get_by_label("证件", exact=True).select_option(label="居民身份证")
    desk.type("Ctrl+Enter")
    expect(desk.page.get_by_text("可用积分余 1,000 分")).to_be_visible()
    assert Redemption.objects.get().teeth == ["84", "85"]
    assert desk.complaints == []


def test_no_page_has_a_barrier(desk: Desk, rich: Membership, axe: str) -> None:
    done = bought(rich, "fissure_sealant", quantity=2, teeth=("75", "85")).redemption
    desk.log_in(user("前台", password=PASSWORD))
    found = []
    at = f"/patients/{rich.patient_id}"
    for path in (
        f"{at}/catalogue/",
        f"{at}/redeem/fissure_sealant/",
        f"{at}/redeem/gift_10/",
        f"/redemptions/{done.pk}/",
        f"/redemptions/{done.pk}/cancel/",
    ):
        desk.open(path)
        found += barriers(desk, axe)
        desk.page.set_viewport_size({"width": 768, "height": 1024})
        found += [f"{path} sideways"] * wider_than_the_window(desk)
        desk.page.set_viewport_size({"width": 1366, "height": 768})
    assert found == []
    assert desk.complaints == []
