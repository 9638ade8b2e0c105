"""A service is given to a friend without a file, and settled, from the keyboard."""

import pytest
from playwright.sync_api import expect

from members.models import Patient
from rewards.models import Use
from staff.models import User
from tests.browser.conftest import PASSWORD, Desk
from tests.browser.test_registration import draw
from tests.factories.members import patient
from tests.factories.points import member
from tests.factories.rewards import doctor, priced, this_year, used
from tests.factories.staff import user

pytestmark = pytest.mark.browser


@pytest.fixture
def vip(hospital: None) -> Patient:
    """A VIP with two scalings, and the dentist who does them."""
    priced("ultrasonic_scaling", "380")
    doctor("口腔科", name="平一指")
    someone = patient("B1")
    member(someone, "12000", name="岳灵珊")
    return someone


def test_a_friend_without_a_file_gets_a_scaling_and_the_cashier_settles_it(
    desk: Desk, at_the_till: User, vip: Patient
) -> None:
    desk.log_in(user("会员管理员", name="周敏", password=PASSWORD), at=f"/patients/{vip.pk}/")
    desk.page.get_by_role("link", name="使用超声波洁牙").first.click()
    desk.page.get_by_role("link", name="转赠他人").click()
    expect(desk.page.get_by_label("受益人")).to_be_focused()
    desk.page.keyboard.type("任盈盈")
    expect(desk.page.get_by_role("option", name="新建档案")).to_be_visible()
    desk.type("ArrowDown", "Enter")
    expect(desk.page.get_by_label("姓名")).to_have_value("任盈盈")
    assert "免挂号费（新诊）" in desk.words() and "按VIP接待" in desk.words()
    desk.page.get_by_label("档案号").fill("N-0001")
    desk.page.get_by_label("医生").select_option(label="平一指（口腔科）")
    desk.type("F2")
    expect(desk.page.locator("[data-signing-text]")).to_contain_text("使用人：任盈盈（转赠）")
    draw(desk)
    desk.type("Ctrl+Enter")
    expect(desk.page.get_by_text("按VIP接待（岳灵珊 的客人）")).to_be_visible()
    use = Use.objects.select_related("beneficiary").get()
    assert (use.beneficiary.file_number, use.fee_waived) == ("N-0001", True)
    assert desk.complaints == []


def test_two_keys_settle_what_waits(desk: Desk, at_the_till: User, vip: Patient) -> None:
    used(vip.membership, this_year("ultrasonic_scaling"))
    desk.log_in(at_the_till, at="/settlements/")
    desk.type("F2")
    expect(desk.page.get_by_role("button", name="结算")).to_be_focused()
    desk.type("Ctrl+Enter")
    expect(desk.page.get_by_text("曲靖口腔医院会员服务结算单")).to_be_visible()
    assert Use.objects.get().settlement
    assert desk.complaints == []
