"""A member's cards: the live one, what is due, what became of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desk.queries.positions import Position, position
from members.models import Card, Membership, Patient
from members.queries.cards import cards_of, live_card
from scheme.rules import TierRule, card_due


@dataclass(frozen=True, slots=True)
class CardPage:
    """One card with its member; `cards` are all of this person's, the newest first."""

    card: Card
    patient: Patient
    position: Position
    cards: Sequence[Card]

    @property
    def membership(self) -> Membership:
        return self.card.membership

    @property
    def tier(self) -> TierRule | None:
        return self.position.tier

    @property
    def is_due(self) -> bool:
        """Whether this card is to be handed over (C21)."""
        # A merged file's card is not: the one person gets one piece of plastic (C40).
        is_own = self.card.membership_id == self.position.stand.membership_id
        return is_own and self.card.is_live and is_to_be_given(self.card, self.position)

    @property
    def live(self) -> Card | None:
        """The card in whose place this one was put out of use; None for a live card."""
        others = (other for other in self.cards if other.membership_id == self.card.membership_id)
        return None if self.card.is_live else next(other for other in others if other.is_live)


def card_page(pk: int, *, today: date) -> CardPage:
    """A card, live or not. Raises Card.DoesNotExist."""
    people = ("membership__patient__merged_into", "made_by", "given_by", "stopped_by")
    card = Card.objects.select_related(*people).get(pk=pk)
    file = card.membership.patient
    patient = file.merged_into or file
    return CardPage(
        card=card,
        patient=patient,
        position=position(patient.pk, today=today),
        cards=cards_of(patient.pk),
    )


def card_to_give(place: Position) -> Card | None:
    """The physical card that a member is to get now; None when none is due (R29, C21)."""
    if place.stand.membership_id is None or not _is_entitled(place):
        return None
    card = live_card(place.stand.membership_id)
    return card if is_to_be_given(card, place) else None


def is_to_be_given(card: Card, place: Position) -> bool:
    """Whether a live card is to be handed over to a member who stands here."""
    return card.given_at is None and _is_entitled(place)


def _is_entitled(place: Position) -> bool:
    return place.rules is not None and card_due(place.rules, place.stand.tier)
