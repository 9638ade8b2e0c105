"""The member page, and what joining would bring."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desk.queries.cards import is_to_be_given
from desk.queries.positions import LevelReached, Position, levels_of, position
from members.models import Card, FileMerge, JoinTalk, Membership, Patient
from members.queries import live_merges_into
from members.queries.cards import cards_of
from members.queries.joining import talks_of
from members.rules import age_on, masked_phone
from points.models import TierReview
from scheme.queries import Bringing, scheme_page
from scheme.rules import Rules, TierRule


def age(patient: Patient, today: date) -> int | None:
    """Completed years; None while the birth date is not known."""
    return age_on(today, patient.birth_date) if patient.birth_date else None


@dataclass(frozen=True, slots=True)
class PatientPage:
    """The member page without its ledger."""

    patient: Patient
    age: int | None
    membership: Membership | None
    position: Position
    levels: tuple[LevelReached, ...]
    review: TierReview | None
    merges: Sequence[FileMerge] = ()
    cards: Sequence[Card] = ()
    talks: Sequence[JoinTalk] = ()

    @property
    def card(self) -> Card | None:
        """The card that the member uses now."""
        own = (card for card in self.cards if card.membership == self.membership)
        return next((card for card in own if card.is_live), None)

    @property
    def card_due(self) -> Card | None:
        """The physical card that is to be handed over; none while the level is under review."""
        if self.card is None or self.review or not is_to_be_given(self.card, self.position):
            return None
        return self.card

    @property
    def guardian_phone(self) -> str:
        """The guardian's phone, masked."""
        return masked_phone(self.membership.guardian_phone[-4:]) if self.membership else ""

    @property
    def level(self) -> LevelReached | None:
        """The level held now, with its cause."""
        held = self.position.tier
        if held is None:
            return None
        return next((row for row in self.levels if row.code == held.code and row.is_held), None)


def patient_page(pk: int, *, today: date) -> PatientPage:
    """What the desk sees of a patient, or of the file that it was merged into (C40).

    Raises Patient.DoesNotExist.
    """
    named = Patient.objects.select_related("merged_into").get(pk=pk)
    patient = named.merged_into or named
    membership = Membership.objects.select_related("enrolled_by").filter(patient=patient).first()
    place = position(patient.pk, today=today)
    return PatientPage(
        patient=patient,
        age=age(patient, today),
        membership=membership,
        position=place,
        levels=levels_of(membership.pk, place.rules) if membership and place.rules else (),
        review=_open_review(membership) if membership else None,
        merges=live_merges_into(patient.pk),
        cards=cards_of(patient.pk) if membership else (),
        talks=talks_of(patient.pk) if place.can_enrol else (),
    )


def _open_review(membership: Membership) -> TierReview | None:
    reviews = TierReview.objects.waiting().filter(membership=membership)
    return reviews.select_related("approval").first()


@dataclass(frozen=True, slots=True)
class Offer:
    """What to tell someone who can join: the level that follows and what it brings (R28)."""

    rules: Rules
    tier: TierRule | None
    brings: tuple[Bringing, ...]


def offer(place: Position, *, today: date) -> Offer | None:
    """What joining today would bring; None while no rules are in force."""
    if place.rules is None:
        return None
    tier = place.stand.supported_tier(place.rules)
    page = scheme_page(place.rules.stored_id, today=today)
    brings = next((level.brings for level in page.levels if level.rule == tier), ())
    return Offer(place.rules, tier, brings if place.rules.plan_a else ())
