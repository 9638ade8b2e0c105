"""Somebody joins at the front desk, as a new colleague would do it, without a mouse."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from members.models import Membership, Patient, Signature
from staff.models import User
from tests.browser.conftest import PASSWORD, Desk
from tests.browser.test_every_page import barriers, wider_than_the_window
from tests.factories.members import patient, resident_id
from tests.factories.points import member, receipt
from tests.factories.staff import user

pytestmark = pytest.mark.browser

ID = resident_id("19850312", serial=33)
CARD = (
    f"姓名：曾国藩\n性别：男 民族：汉\n出生：1985年3月12日\n住址：云南省曲靖市麒麟区\n民族路9号\n"
    f"公民身份号码：{ID}\n"
)
ANSWERS = ("1", "2", "1", "1")


@pytest.fixture
def front_desk(hospital: None) -> User:
    return user("前台", password=PASSWORD)


@pytest.fixture
def someone(hospital: None) -> Patient:
    made = patient("00012345", name="曾国藩")
    receipt(made, "1000")
    return made


def to_the_form(desk: Desk, who: User, someone: Patient) -> None:
    desk.log_in(who, at=f"/patients/{someone.pk}/enrol/")
    expect(desk.page.locator("[data-reader]")).to_be_focused()


def to_the_form_by_its_key(desk: Desk, who: User, someone: Patient) -> None:
    desk.log_in(who, at=f"/patients/{someone.pk}/")
    desk.type("F2")
    desk.page.wait_for_url("**/enrol/")
    expect(desk.page.locator("[data-reader]")).to_be_focused()


def read_the_card(desk: Desk, text: str = CARD) -> None:
    """The reader types with its Enters, 5 ms a key; the next question then has the focus."""
    desk.page.keyboard.type(text, delay=5)
    expect(desk.page.locator("[data-reader-said]")).to_contain_text("请核对。")
    expect(desk.page.locator("[data-reader]")).not_to_be_focused()


def test_from_the_card_to_the_member_without_a_mouse(
    desk: Desk, front_desk: User, someone: Patient
) -> None:
    to_the_form_by_its_key(desk, front_desk, someone)
    read_the_card(desk)
    assert desk.page.url.endswith("/enrol/") and not Membership.objects.exists()
    expect(desk.page.get_by_label("电话", exact=True)).to_be_focused()
    desk.type("13887431234", "Enter", "Enter", "Enter", "Enter", "Enter", *ANSWERS, "2")
    desk.type("Ctrl+Enter")
    desk.page.wait_for_url("**/patients/*/?enrolled=1")
    member = Membership.objects.select_related("patient").get()
    assert (member.accepts_follow_up, member.accepts_post) == (True, False)
    assert member.patient.document_number == ID and member.signature is None
    assert member.patient.address == "云南省曲靖市麒麟区民族路9号"
    assert desk.complaints == []


def test_a_card_read_for_a_change_leads_to_the_document_that_was_shown(
    desk: Desk, front_desk: User, someone: Patient
) -> None:
    member(someone, name="曾国藩", id_number=ID, phone="13887431234", address="沾益区龙华路1号")
    desk.log_in(front_desk, at=f"/patients/{someone.pk}/change/")
    desk.page.locator("[data-reader]").focus()
    read_the_card(desk)
    expect(desk.page.locator("[data-reader-said]")).to_contain_text("现住址没有变的，请清空住址")
    expect(desk.page.get_by_label("出示的证件")).to_be_focused()
    assert desk.complaints == []


def draw(desk: Desk) -> None:
    box = desk.page.locator("[data-signing-pad]").bounding_box()
    assert box
    desk.page.mouse.move(box["x"] + 60, box["y"] + 60)
    desk.page.mouse.down()
    desk.page.mouse.move(box["x"] + 160, box["y"] + 100, steps=5)
    desk.page.mouse.up()


def test_the_member_signs_on_the_screen(
    desk: Desk, front_desk: User, someone: Patient, axe: str
) -> None:
    to_the_form(desk, front_desk, someone)
    read_the_card(desk)
    desk.type("13887431234")
    desk.type("F2")
    expect(desk.page.get_by_text("请先把登记表填好，再签字")).to_be_visible()
    desk.page.keyboard.press("Escape")
    desk.page.get_by_label("家庭住址").focus()
    desk.type("Enter", *ANSWERS, "F2")
    expect(desk.page.get_by_text("已向本人讲解的会员待遇")).to_be_visible()
    assert barriers(desk, axe) == []
    desk.page.get_by_role("button", name="完成签字").press("Enter")
    expect(desk.page.get_by_text("还没有签名，请先在框内签名。")).to_be_visible()
    draw(desk)
    desk.page.get_by_role("button", name="清除").press("Enter")
    draw(desk)
    desk.page.get_by_role("button", name="完成签字").press("Enter")
    expect(desk.page.get_by_text("已签字。")).to_be_visible()
    assert barriers(desk, axe) == []
    desk.page.get_by_label("家庭住址").fill("沾益区龙华路1号")
    expect(desk.page.get_by_text("登记表改过，请会员重新签字。")).to_be_visible()
    desk.type("F2")
    expect(desk.page.locator("[data-signing-text]")).to_contain_text("沾益区龙华路1号")
    draw(desk)
    desk.type("Ctrl+Enter")
    expect(desk.page.get_by_text("已签字。")).to_be_visible()
    desk.type("Ctrl+Enter")
    desk.page.wait_for_url("**/patients/*/?enrolled=1")
    assert "家庭住址：沾益区龙华路1号" in Signature.objects.get().text
    assert desk.complaints == []


def test_a_finger_signs_on_a_tablet(
    chromium: Browser, live_server: LiveServer, front_desk: User, someone: Patient
) -> None:
    context = chromium.new_context(viewport={"width": 768, "height": 1024}, has_touch=True)
    context.set_default_timeout(10_000)
    desk = Desk(context, live_server.url)
    to_the_form(desk, front_desk, someone)
    read_the_card(desk)
    assert not wider_than_the_window(desk)
    desk.type("13887431234")
    desk.page.get_by_label("家庭住址").focus()
    desk.type("Enter", *ANSWERS, "F2")
    pad = desk.page.locator("[data-signing-pad]")
    expect(pad).to_be_visible()
    assert pad.evaluate("pad => getComputedStyle(pad).touchAction") == "none"
    box = pad.bounding_box()
    assert box and not wider_than_the_window(desk)
    touch = context.new_cdp_session(desk.page)
    for kind, x in (("touchStart", 50), ("touchMove", 120), ("touchMove", 200), ("touchEnd", None)):
        points = [{"x": box["x"] + x, "y": box["y"] + 50 + x / 4}] if x else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    desk.page.get_by_role("button", name="完成签字").click()
    expect(desk.page.get_by_text("已签字。")).to_be_visible()
    desk.type("Ctrl+Enter")
    desk.page.wait_for_url("**/patients/*/?enrolled=1")
    assert Signature.objects.get().patient == someone
    assert desk.complaints == []
    context.close()


def test_a_child_s_card_asks_for_the_guardian(desk: Desk, front_desk: User) -> None:
    child = patient("00012347", name="曾小宝")
    receipt(child, "1000")
    to_the_form(desk, front_desk, child)
    number = resident_id("20180601", serial=34)
    read_the_card(desk, f"曾小宝\n女\n汉\n20180601\n云南省曲靖市麒麟区民族路9号\n{number}\n")
    desk.type("13887431234", "Enter", "Enter", "Enter", "Enter", "Enter")
    expect(desk.page.get_by_label("监护人姓名")).to_be_focused()
    desk.type("曾国藩", "Enter", "父亲", "Enter", "13887431235", "Enter", *ANSWERS, "2")
    desk.type("Ctrl+Enter")
    desk.page.wait_for_url("**/patients/*/?enrolled=1")
    assert Membership.objects.get().guardian_phone == "13887431235"
    assert desk.complaints == []


TOFU = """(family, sign) => {
  const dots = (text) => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    pen.font = `40px ${family}`;
    pen.fillText(text, 10, 60);
    return canvas.toDataURL();
  };
  return dots(sign) === dots(String.fromCodePoint(0x2FFFF));
}"""


def test_data_change_and_the_paper_form_prints_rare_names(
    desk: Desk, front_desk: User, axe: str
) -> None:
    someone = patient("00012348", name="𠮷䶮")
    member(someone, name="𠮷䶮", phone="13887431236")
    desk.log_in(front_desk, at=f"/patients/{someone.pk}/")
    desk.page.keyboard.press("F7")
    desk.page.wait_for_url("**/change/")
    desk.page.get_by_label("家庭住址").focus()
    desk.type("沾益区龙华路1号")
    desk.page.get_by_label("出示的证件").focus()
    desk.type("ArrowDown", "Ctrl+Enter")
    desk.page.wait_for_url(f"**/patients/{someone.pk}/")
    assert "出示居民身份证" in desk.words()
    assert barriers(desk, axe) == []
    desk.page.keyboard.press("F9")
    desk.page.wait_for_url("**/form/")
    desk.type("Ctrl+Enter")
    expect(desk.page.locator(".paper")).to_contain_text("13887431236")
    assert barriers(desk, axe) == []
    desk.page.set_viewport_size({"width": 768, "height": 1024})
    assert not wider_than_the_window(desk)
    family = desk.page.locator(".paper").evaluate("sheet => getComputedStyle(sheet).fontFamily")
    if not desk.page.evaluate(f"([family, sign]) => ({TOFU})(family, sign)", [family, "永"]):
        for sign in "𠮷䶮":
            asked = [family, sign]
            assert not desk.page.evaluate(f"([family, sign]) => ({TOFU})(family, sign)", asked)
    assert desk.complaints == []


READERS = (
    CARD,
    f"曾国藩\t男\t汉\t19850312\t云南省曲靖市麒麟区民族路9号\t{ID}\t曲靖市公安局\t20100101-长期",
    f"曾国藩\n男\n汉族\n1985-03-12\n云南省曲靖市麒麟区\n民族路9号\n{ID}\n",
    f"曾国藩 男 汉 1985年3月12日 云南省曲靖市麒麟区民族路9号 {ID}",
    f"姓名曾国藩性别男民族汉出生1985年3月12日住址云南省曲靖市麒麟区民族路9号公民身份号码{ID}",
    "姓　名：曾国藩　性　别：男　民　族：汉　出　生：１９８５年０３月１２日　"
    "住　址：云南省曲靖市麒麟区民族路９号　公民身份号码："
    + "".join(chr(ord(sign) + 0xFEE0) for sign in ID),
)


def test_readers_write_in_many_shapes_and_text_may_be_pasted(
    desk: Desk, front_desk: User, someone: Patient
) -> None:
    desk.log_in(front_desk, at=f"/patients/{someone.pk}/enrol/")
    for text in READERS:
        desk.page.get_by_label("家庭住址").evaluate("field => field.form.reset()")
        desk.page.get_by_label("家庭住址").evaluate(
            """(field, text) => {
                 const data = new DataTransfer();
                 data.setData("text", text);
                 field.dispatchEvent(new ClipboardEvent("paste",
                   {clipboardData: data, bubbles: true, cancelable: true}));
               }""",
            text,
        )
        filled = {
            name: desk.page.locator(f"[name={name}]").first.input_value()
            for name in ("birth_date", "id_number", "address")
        }
        assert filled == {
            "birth_date": "1985-03-12",
            "id_number": ID,
            "address": "云南省曲靖市麒麟区民族路9号",
        }
        assert desk.page.locator("[name=sex]:checked").input_value() == "male"
    desk.open(f"/patients/{someone.pk}/enrol/")
    desk.page.keyboard.type(f"曾国藩\t男\t汉\t19850312\t云南省曲靖市\t{ID}\n", delay=5)
    expect(desk.page.get_by_label("家庭住址")).to_have_value("云南省曲靖市")
    assert desk.complaints == []


def test_another_name_on_the_card_and_files_alike_are_pointed_at(
    desk: Desk, front_desk: User, someone: Patient, axe: str
) -> None:
    other = patient("00012346", name="曾国荃", phone="13887431234")
    to_the_form(desk, front_desk, someone)
    read_the_card(desk, CARD.replace("曾国藩", "曾国荃"))
    said = desk.page.locator("[data-reader-said]")
    expect(said).to_contain_text("证件姓名是“曾国荃”，原来填写的是“曾国藩”")
    desk.type("13887431234")
    link = desk.page.get_by_role("link", name="曾国荃（00012346）")
    expect(link).to_have_attribute("href", f"/patients/{other.pk}/")
    assert barriers(desk, axe) == []
    desk.open("/patients/new/")
    desk.page.locator("[data-reader]").press("Enter")
    expect(desk.page.get_by_label("档案号")).to_be_focused()
    assert desk.complaints == []
