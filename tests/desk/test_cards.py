import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from members.models import Card, Patient
from tests.desk.conftest import browser_of
from tests.desk.words import squeezed, words
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

DUE = "当面交给会员后再登记"


@pytest.fixture
def card(scheme: object) -> Card:
    """The electronic card of an ordinary member."""
    return member(patient("K1")).cards.get()


@pytest.fixture
def due(card: Card) -> Card:
    """The same, once the member is VIP会员 and gets plastic."""
    receipt(card.membership.patient, "12000", number="R12000")
    return card


def page_of(card: Card) -> str:
    return reverse("card", args=[card.pk])


def member_page(card: Card) -> str:
    return reverse("patient", args=[card.membership.patient_id])


def lost(browser: Client, card: Card, **typed: str) -> object:
    typed = {"reason": "lost", "document_shown": "passport", **typed}
    return browser.post(reverse("card_replace", args=[card.pk]), typed, follow=True)


def test_the_card_shows_its_number_for_people_and_scanners(
    as_front_desk: Client, card: Card
) -> None:
    response = as_front_desk.get(page_of(card))
    number = card.number
    assert f"卡号{number}" in squeezed(response)
    source = response.content.decode()
    for name in ("card_qr", "card_bars"):
        address = reverse(name, args=[card.pk])
        assert f'src="{address}"' in source
        picture = as_front_desk.get(address)
        assert picture["Content-Type"] == "image/svg+xml" and b"<path" in picture.content
        assert "no-store" in picture["Cache-Control"]


@pytest.mark.parametrize("name", ["card_phone", "card_print"])
def test_the_card_comes_as_large_as_a_phone_and_as_plastic(
    as_front_desk: Client, card: Card, name: str
) -> None:
    response = as_front_desk.get(reverse(name, args=[card.pk]))
    assert card.number in squeezed(response) and "张三丰" in words(response)


def test_a_long_name_stands_small_so_that_the_number_stays_on_the_card(
    as_front_desk: Client, card: Card
) -> None:
    printed = reverse("card_print", args=[card.pk])
    assert "is-long" not in as_front_desk.get(printed).content.decode()
    Patient.objects.filter(pk=card.membership.patient_id).update(name="阿卜杜热西提·买买提艾力江")
    assert "is-long" in as_front_desk.get(printed).content.decode()


def test_c21_plastic_is_due_from_the_level_that_the_scheme_names(
    as_front_desk: Client, card: Card
) -> None:
    assert DUE not in words(as_front_desk.get(member_page(card)))
    receipt(card.membership.patient, "12000")
    assert "发会员卡：VIP会员" in words(as_front_desk.get(member_page(card)))


def test_c23_whoever_is_at_the_till_hands_the_card_over(as_cashier: Client, due: Card) -> None:
    shown = as_cashier.get(reverse("patient", args=[due.membership.patient_id]))
    assert DUE in words(shown)
    give = reverse("card_give", args=[due.pk])
    response = as_cashier.post(give, {"patient": due.membership.patient_id}, follow=True)
    assert f"已登记发卡：卡号 {due.number}" in words(response) and DUE not in words(response)
    due.refresh_from_db()
    assert due.given_by and due.given_by.name in words(response)


def test_the_receipt_that_made_it_due_says_so_and_gets_its_page_back(
    as_cashier: Client, due: Card
) -> None:
    paid = due.membership.patient.receipt_set.get(number="R12000")
    address = reverse("receipt", args=[paid.pk])
    assert "发会员卡：VIP会员" in words(as_cashier.get(address))
    given = as_cashier.post(reverse("card_give", args=[due.pk]), {"receipt": paid.pk})
    assert given.headers["Location"] == address
    assert "发会员卡" not in words(as_cashier.get(address))


def test_c18_no_card_is_handed_over_while_the_level_is_under_review(
    as_cashier: Client, due: Card
) -> None:
    refund("R12000", "12000", number="T12000")
    paid = due.membership.patient.receipt_set.get(number="R12000")
    for address in (member_page(due), reverse("receipt", args=[paid.pk])):
        shown = words(as_cashier.get(address))
        assert "级别复核待定" in shown and "发会员卡" not in shown


def test_handing_over_twice_says_who_did_it_first(as_cashier: Client, due: Card) -> None:
    give = reverse("card_give", args=[due.pk])
    as_cashier.post(give)
    assert f"卡 {due.number} 已由" in words(as_cashier.post(give, follow=True))


@pytest.mark.parametrize("key", ["x", "", "9" * 5000, "１"])
def test_a_page_to_go_back_to_that_is_none_is_the_card(
    as_cashier: Client, due: Card, key: str
) -> None:
    given = as_cashier.post(reverse("card_give", args=[due.pk]), {"receipt": key})
    assert given.headers["Location"] == page_of(due)


def test_plastic_that_is_not_due_is_refused(as_cashier: Client, card: Card) -> None:
    response = as_cashier.post(reverse("card_give", args=[card.pk]), follow=True)
    assert "这位会员使用电子会员卡，不发实体卡" in words(response)


def test_r70_a_lost_card_is_replaced_on_the_spot(as_front_desk: Client, due: Card) -> None:
    response = lost(as_front_desk, due)
    fresh = Card.objects.live().get()
    page = words(response)
    assert f"原卡 {due.number} 已停用，新卡号 {fresh.number}，立即可用" in page
    assert "遗失，出示护照" in page and DUE in page
    old = words(as_front_desk.get(page_of(due)))
    assert "这张卡已停用，不能再用" in old and fresh.number in old.replace(" ", "")
    assert "card_qr" not in old and reverse("card_qr", args=[due.pk]) not in old


def test_the_form_has_the_members_own_document_ready(as_front_desk: Client, card: Card) -> None:
    response = as_front_desk.get(reverse("card_replace", args=[card.pk]))
    form = response.context["form"]
    assert form["document_shown"].value() == "resident_id" and form["reason"].value() is None
    assert card.membership.patient.document_number not in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({"reason": ""}, "请选择原因"), ({"document_shown": ""}, "请选择会员出示的证件")],
)
def test_a_gap_is_said_at_its_field(
    as_front_desk: Client, card: Card, typed: dict[str, str], sentence: str
) -> None:
    assert sentence in words(lost(as_front_desk, card, **typed))
    assert Card.objects.get() == card


def test_a_loss_reported_again_names_the_card_that_holds(as_front_desk: Client, card: Card) -> None:
    lost(as_front_desk, card)
    live = Card.objects.live().get()
    again = words(lost(as_front_desk, card))
    assert "这张卡已停用" in again and live.number in again.replace(" ", "")
    assert Card.objects.count() == 2


def test_the_member_page_has_all_cards(as_front_desk: Client, card: Card) -> None:
    lost(as_front_desk, card, reason="damaged")
    page = words(as_front_desk.get(member_page(card)))
    for one in Card.objects.all():
        assert one.number in page.replace(" ", "")
    assert "损坏，出示护照" in page


def test_managers_look_and_change_nothing(as_manager: Client, due: Card) -> None:
    page = words(as_manager.get(member_page(due)))
    assert due.number in page.replace(" ", "") and DUE not in page
    for name in ("card_give", "card_replace"):
        assert as_manager.post(reverse(name, args=[due.pk])).status_code == 403


def test_doctors_see_no_card(as_doctor: Client, card: Card) -> None:
    assert as_doctor.get(page_of(card)).status_code == 403
    assert card.number not in squeezed(as_doctor.get(member_page(card)))


@pytest.mark.parametrize("name", ["card", "card_qr", "card_print", "card_replace"])
def test_an_unknown_card_is_not_found(as_front_desk: Client, scheme: object, name: str) -> None:
    for key in (0, 10**30):
        assert as_front_desk.get(reverse(name, args=[key])).status_code == 404
    assert as_front_desk.post(reverse("card_give", args=[0])).status_code == 404


def test_a_card_takes_few_queries(
    card: Card, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = browser_of(user("前台"))
    for _ in range(3):
        lost(browser, Card.objects.live().get())
    with django_assert_max_num_queries(14):
        browser.get(page_of(card))
