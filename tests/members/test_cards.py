"""A member's cards: made, handed over, stopped, replaced."""

import secrets

import pytest
from django.utils import timezone

from desk.queries.cards import card_page
from members.models import Card
from members.operations import cards
from members.operations.cards import give_card, make_first_cards, replace_card
from members.queries.cards import cards_of
from members.rules import card_number, is_card_number
from points.operations.cards import hand_over_card
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.merging import merged
from tests.factories.points import member, receipt
from tests.factories.staff import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(scheme: object) -> Card:
    """The electronic card of a new member."""
    return member(patient("K1")).cards.get()


def replaced(card: Card, *, reason: str = "lost", shown: str = "resident_id") -> Card:
    return replace_card(
        card_id=card.pk, reason=reason, document_shown=shown, by=user(), now=timezone.now()
    )


def given(card: Card, by: User | None = None) -> Card:
    return give_card(card_id=card.pk, by=by or user(), now=timezone.now())


def test_c21_a_new_member_has_an_electronic_card(card: Card) -> None:
    assert card.serial == 1 and card.is_live and card.given_at is None
    assert is_card_number(card.number)


def test_handing_over_says_who_and_when(card: Card) -> None:
    by = user(name="刘芳")
    got = given(card, by)
    assert (got.given_by, got.is_live) == (by, True) and got.given_at is not None


def test_a_card_is_handed_over_once(card: Card) -> None:
    given(card, user(name="刘芳"))
    with pytest.raises(Refusal, match=f"卡 {card.number} 已由刘芳于 .* 发给会员"):
        given(card)


def test_r70_a_lost_card_dies_and_another_lives_at_once(card: Card) -> None:
    fresh = replaced(given(card), shown="passport")
    card.refresh_from_db()
    assert (card.is_live, card.stopped_reason, card.document_shown) == (
        False,
        "lost",
        "passport",
    )
    assert fresh.is_live and fresh.serial == 2 and fresh.given_at is None
    assert fresh.number != card.number and is_card_number(fresh.number)
    assert list(cards_of(card.membership.patient_id)) == [fresh, card]


def test_a_dead_card_is_neither_given_nor_replaced(card: Card) -> None:
    fresh = replaced(card)
    for attempt in (given, replaced):
        with pytest.raises(Refusal, match=f"遗失.*现在有效的卡号是 {fresh.number}") as caught:
            attempt(card)
        assert caught.value.code == "card_stopped"


@pytest.mark.parametrize(
    ("reason", "shown", "field"),
    [
        ("", "passport", "reason"),
        ("stolen", "passport", "reason"),
        ("lost", "", "document_shown"),
        ("lost", "library_card", "document_shown"),
    ],
)
def test_a_gap_is_refused_at_its_field(card: Card, reason: str, shown: str, field: str) -> None:
    with pytest.raises(Refusal) as caught:
        replaced(card, reason=reason, shown=shown)
    assert caught.value.field == field
    assert Card.objects.get().is_live


def test_an_unknown_card_is_told_so(scheme: object) -> None:
    with pytest.raises(Refusal, match="没有这张会员卡"):
        give_card(card_id=0, by=user(), now=timezone.now())


def test_who_gets_plastic_is_for_the_scheme_to_say(card: Card) -> None:
    by, now = user(), timezone.now()
    with pytest.raises(Refusal, match="这位会员使用电子会员卡，不发实体卡"):
        hand_over_card(card_id=card.pk, by=by, now=now)
    assert Card.objects.get().given_at is None
    receipt(card.membership.patient, "12000")
    assert hand_over_card(card_id=card.pk, by=by, now=now).given_by == by


def test_a_number_that_is_taken_is_drawn_again(card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([int(card.number[1:11]), 41, 42])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(drawn))
    assert replaced(card).number == card_number(41)


def test_c40_a_merged_members_card_shows_with_the_file_that_is_left(card: Card) -> None:
    kept = patient("K2")
    member(kept)
    merge = merged(kept, patient("K3"))
    assert [one.membership.patient_id for one in cards_of(merge.kept_id)] == [kept.pk]


def test_c40_plastic_of_a_merged_file_is_given_from_the_file_that_is_left(card: Card) -> None:
    kept = member(patient("K2")).patient
    receipt(kept, "12000")
    merged(kept, card.membership.patient)
    with pytest.raises(Refusal, match="属于已合并的档案 K1，实体卡请从 .*K2.* 发"):
        hand_over_card(card_id=card.pk, by=user(), now=timezone.now())
    assert card_page(card.pk, today=timezone.localdate()).is_due is False
    own = kept.membership.cards.get()
    assert card_page(own.pk, today=timezone.localdate()).is_due


def test_many_first_cards_have_numbers_of_their_own(card: Card) -> None:
    make_first_cards(memberships=[], by=user(), now=timezone.now())
    numbers = cards._fresh_numbers(500)
    assert len(set(numbers)) == 500 and all(map(is_card_number, numbers))
