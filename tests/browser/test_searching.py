"""The search box and the scanner, as hands use them."""

import time

import pytest
from playwright.sync_api import CDPSession, Dialog, expect

from members.models import Membership, Patient
from staff.models import User
from tests.browser.conftest import PASSWORD, Desk
from tests.factories.members import patient
from tests.factories.points import member, receipt
from tests.factories.staff import user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCANNER, HAND = 0.005, 0.09
_CODES = {str(digit): f"Digit{digit}" for digit in range(10)} | {"-": "Minus", "\r": "Enter"}


@pytest.fixture
def at_the_desk(desk: Desk) -> Desk:
    """A window of the front desk, with an empty form."""
    desk.log_in(user("前台", password=PASSWORD), at="/patients/new/")
    return desk


@pytest.fixture
def at_home(desk: Desk) -> Desk:
    """The same on the home page."""
    desk.log_in(user("前台", password=PASSWORD))
    return desk


@pytest.fixture
def cardholder(hospital: None) -> Membership:
    return member(patient("A100", name="曾国藩"), "5000", name="曾国藩")


def card_of(membership: Membership) -> str:
    return membership.cards.get().number


def address_of(membership: Membership) -> str:
    return f"/patients/{membership.patient_id}/"


class Keys:
    """A keyboard that says itself when its keys were pressed, whatever the machine is doing."""

    def __init__(self, desk: Desk) -> None:
        self.session: CDPSession = desk.context.new_cdp_session(desk.page)

    def type(self, text: str, *, gap: float, composing: bool = False) -> None:
        """Press the keys `gap` seconds apart; an input method swallows their signs."""
        began = time.time()
        for place, sign in enumerate(text):
            self._press(sign, began + place * gap, composing=composing and sign != "\r")

    def _press(self, sign: str, at: float, *, composing: bool) -> None:
        code = _CODES.get(sign, f"Key{sign.upper()}")
        key = "Process" if composing else "Enter" if sign == "\r" else sign
        pressed = {
            "code": code,
            "key": key,
            "timestamp": at,
            "windowsVirtualKeyCode": _virtual(key),
        }
        down = {"type": "keyDown", "text": sign} if not composing else {"type": "rawKeyDown"}
        self.session.send("Input.dispatchKeyEvent", {**pressed, **down})
        self.session.send("Input.dispatchKeyEvent", {**pressed, "type": "keyUp"})


def _virtual(key: str) -> int:
    return {"Process": 229, "Enter": 13}.get(key) or ord(key.upper())


def focus(desk: Desk, where: str) -> None:
    if where == "nothing":
        desk.page.evaluate("document.activeElement.blur()")
    else:
        desk.page.locator(where).first.focus()


def test_a_card_is_read_wherever_the_focus_is(at_the_desk: Desk, cardholder: Membership) -> None:
    fields = ("[data-search]", "#id_name", "#id_document_type")
    for where in (*fields, "nothing", "button[type=submit]", "a"):
        at_the_desk.open("/patients/new/")
        focus(at_the_desk, where)
        Keys(at_the_desk).type(card_of(cardholder) + "\r", gap=SCANNER)
        at_the_desk.page.wait_for_url(f"**{address_of(cardholder)}")
    assert not at_the_desk.complaints


def test_a_card_is_read_with_an_input_method_on(at_the_desk: Desk, cardholder: Membership) -> None:
    focus(at_the_desk, "#id_name")
    Keys(at_the_desk).type(card_of(cardholder) + "\r", gap=SCANNER, composing=True)
    at_the_desk.page.wait_for_url(f"**{address_of(cardholder)}")


def test_the_field_gets_back_what_it_held(at_the_desk: Desk, cardholder: Membership) -> None:
    page = at_the_desk.page
    page.fill("#id_address", "麒麟区")
    page.route("**/search/", lambda route: route.abort())
    Keys(at_the_desk).type(card_of(cardholder) + "\r", gap=SCANNER)
    expect(page.locator("#id_address")).to_have_value("麒麟区")


def test_a_scan_asks_before_it_leaves_what_is_typed(
    at_the_desk: Desk, cardholder: Membership
) -> None:
    page, asked = at_the_desk.page, list[str]()

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if len(asked) == 1:
            dialog.dismiss()
        else:
            dialog.accept()

    page.on("dialog", answer)
    page.fill("#id_name", "段誉")
    Keys(at_the_desk).type(card_of(cardholder) + "\r", gap=SCANNER)
    page.wait_for_timeout(200)
    expect(page.locator("#id_name")).to_have_value("段誉")
    Keys(at_the_desk).type(card_of(cardholder) + "\r", gap=SCANNER)
    page.wait_for_url(f"**{address_of(cardholder)}")
    assert ["还没有保存" in sentence for sentence in asked] == [True, True]


def test_what_is_no_card_or_comes_by_hand_stays_in_the_field(
    at_the_desk: Desk, cardholder: Membership
) -> None:
    page, keys = at_the_desk.page, Keys(at_the_desk)
    page.focus("#id_phone")
    keys.type("13887430101\r", gap=SCANNER)
    expect(page.locator("#id_phone")).to_have_value("13887430101")
    page.focus("#id_address")
    keys.type(card_of(cardholder) + "\r", gap=HAND)
    expect(page.locator("#id_address")).to_have_value(card_of(cardholder))
    assert page.url.endswith("/patients/new/")


def test_a_file_number_is_read_where_nobody_types(at_the_desk: Desk, hospital: None) -> None:
    someone = patient("2013-000123")
    focus(at_the_desk, "nothing")
    Keys(at_the_desk).type("2013-000123\r", gap=SCANNER)
    at_the_desk.page.wait_for_url(f"**/patients/{someone.pk}/")


def test_a_card_at_the_till_begins_a_payment_but_is_kept_by_the_field_of_the_receipt_number(
    desk: Desk, at_the_till: User, cardholder: Membership
) -> None:
    desk.log_in(at_the_till, at="/till/")
    focus(desk, "nothing")
    Keys(desk).type(card_of(cardholder) + "\r", gap=SCANNER)
    desk.page.wait_for_url(f"**{address_of(cardholder)}pay/")
    desk.page.focus("#id_receipt_number")
    Keys(desk).type(card_of(cardholder) + "\r", gap=SCANNER)
    expect(desk.page.locator("#id_receipt_number")).to_have_value(card_of(cardholder))


@pytest.fixture
def two_zengs(hospital: None) -> list[Patient]:
    """Two who are found by zg, the second of whom came last."""
    people = [patient("A1", name="曾国藩"), patient("A2", name="曾国荃")]
    receipt(people[1], "10")
    return people


def test_results_come_as_one_types_and_arrows_choose(
    at_home: Desk, two_zengs: list[Patient]
) -> None:
    page = at_home.page
    at_home.type("F3", "zg")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-search-said]")).to_have_text("找到 2 位")
    at_home.type("ArrowDown", "ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_value("zg")
    at_home.type("ArrowDown", "ArrowDown", "Enter")
    page.wait_for_url(f"**/patients/{two_zengs[0].pk}/")
    assert not at_home.complaints


def test_a_click_opens_a_result_and_enter_without_a_choice_lists_them(
    at_home: Desk, two_zengs: list[Patient]
) -> None:
    at_home.type("F3", "曾国荃")
    at_home.page.get_by_role("option").click()
    at_home.page.wait_for_url(f"**/patients/{two_zengs[1].pk}/")
    at_home.type("F3", "zg", "Enter")
    at_home.page.wait_for_url("**/patients/?q=zg")
    at_home.type("ArrowDown", "Enter")
    at_home.page.wait_for_url(f"**/patients/{two_zengs[0].pk}/")


def test_nothing_is_asked_while_an_input_method_composes(
    at_home: Desk, two_zengs: list[Patient]
) -> None:
    page = at_home.page
    at_home.type("F3")
    session = at_home.context.new_cdp_session(page)
    composed = {"text": "zeng", "selectionStart": 4, "selectionEnd": 4}
    session.send("Input.imeSetComposition", composed)
    page.wait_for_timeout(400)
    expect(page.get_by_role("option")).to_have_count(0)
    session.send("Input.insertText", {"text": "曾"})
    expect(page.get_by_role("option")).to_have_count(2)


def test_nobody_found_opens_a_new_file_with_what_was_typed(at_home: Desk) -> None:
    page = at_home.page
    at_home.type("F3", "赵无名")
    expect(page.get_by_role("option")).to_contain_text("新建档案")
    at_home.type("ArrowDown", "Enter")
    page.wait_for_url("**/patients/new/")
    expect(page.locator("#id_name")).to_have_value("赵无名")
