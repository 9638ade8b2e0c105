"""Two windows, one card: one of them wins, the other reads why."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from members.models import Card
from members.operations.cards import give_card, replace_card
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import member
from tests.points.crowd import Crowd, refused

pytestmark = pytest.mark.usefixtures("committing", "in_force")

ROUNDS = 3


def made() -> Card:
    return member(patient()).cards.get()


def lost(card: Card, by: User) -> Callable[[], Card]:
    return lambda: replace_card(
        card_id=card.pk, reason="lost", document_shown="passport", by=by, now=timezone.now()
    )


def given(card: Card, by: User) -> Callable[[], Card]:
    return lambda: give_card(card_id=card.pk, by=by, now=timezone.now())


def test_one_loss_reported_twice_makes_one_new_card(at_once: Crowd) -> None:
    by = User.objects.system()
    for _ in range(ROUNDS):
        card = made()
        outcomes = at_once(*[lost(card, by)] * 2)
        (refusal,) = (one for one in outcomes if isinstance(one, Refusal))
        live = Card.objects.live().get(membership=card.membership)
        assert refusal.code == "card_stopped"
        assert f"停用（遗失），现在有效的卡号是 {live.number}" in refusal.message
        assert live.serial == 2


def test_one_card_is_handed_over_once(at_once: Crowd) -> None:
    by = User.objects.system()
    for _ in range(ROUNDS):
        card = made()
        outcomes = at_once(*[given(card, by)] * 2)
        (refusal,) = (one for one in outcomes if isinstance(one, Refusal))
        assert refusal.code == "card_given" and f"已由{by}于" in refusal.message


def test_a_card_lost_while_it_is_handed_over_is_dead_and_its_successor_not_given(
    at_once: Crowd,
) -> None:
    by = User.objects.system()
    for _ in range(ROUNDS):
        card = made()
        assert refused(at_once(given(card, by), lost(card, by))) in ([], ["card_stopped"])
        live = Card.objects.live().get(membership=card.membership)
        assert (live.serial, live.given_at) == (2, None)
