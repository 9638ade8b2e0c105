"""What the desk shows of patients: where they stand, the search, the member page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.paginator import Page, Paginator

from members.models import Membership, Patient
from members.queries import FOUND_AT_MOST, find_patients
from members.rules import age_on, masked_phone
from points.models import PointsEntry, Receipt, Refund, TierReached, TierReview
from points.queries import Standing, standings
from points.rules import cause_sentence
from scheme.queries import Bringing, rules_on, scheme_page
from scheme.rules import Missing, Rules, TierRule, missing_to_next

ENTRIES_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Position:
    """Where a patient stands, in the words of the rules in force; points throughout."""

    stand: Standing
    rules: Rules | None
    tier: TierRule | None
    can_enrol: bool
    missing_to_join: int
    next_level: Missing | None

    @property
    def is_member(self) -> bool:
        return self.stand.membership_id is not None


def positions(patient_ids: Collection[int], *, today: date) -> dict[int, Position]:
    """Where these patients stand today, by patient; two statements for any number of them."""
    rules = rules_on(today)
    stands = standings(patient_ids)
    return {patient: _position(stand, rules, today) for patient, stand in stands.items()}


def position(patient_id: int, *, today: date) -> Position:
    """Where one patient stands today."""
    return positions([patient_id], today=today)[patient_id]


def _position(stand: Standing, rules: Rules | None, today: date) -> Position:
    if rules is None:
        return Position(stand, None, None, False, 0, None)
    return Position(
        stand=stand,
        rules=rules,
        tier=rules.tier(stand.tier) if stand.tier else None,
        can_enrol=stand.can_enrol(rules),
        missing_to_join=stand.missing(rules, today),
        next_level=missing_to_next(
            rules,
            stand.tier,
            today=stand.begun_today(rules, today),
            cumulative=stand.cumulative,
        ),
    )


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of the search's results."""

    patient: Patient
    age: int | None
    position: Position


@dataclass(frozen=True, slots=True)
class Hits:
    """The search's results; `cut` when there may be more than are shown."""

    rows: tuple[Hit, ...]
    cut: bool


def search(written: str, *, today: date) -> Hits:
    """Patients that fit what was typed, with where they stand; at most 20."""
    found = find_patients(written)
    places = positions([patient.pk for patient in found], today=today) if found else {}
    rows = tuple(Hit(patient, age(patient, today), places[patient.pk]) for patient in found)
    return Hits(rows, cut=len(rows) == FOUND_AT_MOST)


def age(patient: Patient, today: date) -> int | None:
    """Completed years; None while the birth date is not known."""
    return age_on(today, patient.birth_date) if patient.birth_date else None


@dataclass(frozen=True, slots=True)
class LevelReached:
    """A level with the sentence that says when and how it was reached."""

    name: str
    code: str
    since: date
    sentence: str
    withdrawn: bool


def levels_of(membership_id: int, rules: Rules) -> tuple[LevelReached, ...]:
    """Every level a member reached, the newest first, those taken back included (R5)."""
    rows = TierReached.objects.filter(membership=membership_id).order_by("-pk")
    return tuple(level_reached(row, rules) for row in rows)


def level_reached(row: TierReached, rules: Rules) -> LevelReached:
    """One level reached, in the words of `rules`."""
    tier = rules.tier(row.tier)
    sentence = cause_sentence(
        tier=tier.name,
        lowest=tier.rank == rules.tiers[0].rank,
        path=row.path,
        day=row.day,
        points=row.points,
        yuan=row.amount,
    )
    return LevelReached(
        tier.name, tier.code, row.reached_on, sentence, row.withdrawn_by_id is not None
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger, with the receipt or refund behind it."""

    entry: PointsEntry
    receipt: Receipt | None
    refund: Refund | None

    @property
    def of_receipt(self) -> Receipt | None:
        """The receipt itself, or the one that was refunded."""
        return self.refund.receipt if self.refund else self.receipt

    @property
    def number(self) -> str:
        """The number on the paper behind it."""
        paper = self.receipt or self.refund
        return paper.number if paper else ""

    @property
    def amount(self) -> Decimal | None:
        """Yuan paid, or given back as a negative figure."""
        if self.refund:
            return -self.refund.amount
        return self.receipt.amount if self.receipt else None

    @property
    def refundable(self) -> Receipt | None:
        """The receipt of this line, if something of it can still be given back."""
        return self.receipt if self.receipt and self.receipt.net_amount else None


def ledger_page(patient_id: int, number: str) -> Page[PointsEntry]:
    """One page of a patient's entries, newest first; a wrong page number is the nearest."""
    entries = PointsEntry.objects.filter(account=patient_id).select_related("by")
    return Paginator(entries.order_by("-seq"), ENTRIES_A_PAGE).get_page(number)


def lines(page: Page[PointsEntry]) -> list[Line]:
    """The entries of a page with their receipts and refunds, in two statements."""
    entries = list(page)
    references = [entry.reference for entry in entries]
    receipts = Receipt.objects.filter(reference__in=references)
    refunds = Refund.objects.filter(reference__in=references).select_related("receipt")
    paid = {receipt.reference: receipt for receipt in receipts}
    given_back = {refund.reference: refund for refund in refunds}
    return [
        Line(entry, paid.get(entry.reference), given_back.get(entry.reference)) for entry in entries
    ]


@dataclass(frozen=True, slots=True)
class PatientPage:
    """The member page without its ledger."""

    patient: Patient
    age: int | None
    membership: Membership | None
    position: Position
    levels: tuple[LevelReached, ...]
    review: TierReview | None

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
        return next(
            (row for row in self.levels if row.code == held.code and not row.withdrawn), None
        )


def patient_page(pk: int, *, today: date) -> PatientPage:
    """What the desk sees of a patient; raises Patient.DoesNotExist."""
    patient = Patient.objects.get(pk=pk)
    membership = Membership.objects.select_related("enrolled_by").filter(patient=patient).first()
    place = position(pk, today=today)
    return PatientPage(
        patient=patient,
        age=age(patient, today),
        membership=membership,
        position=place,
        levels=levels_of(membership.pk, place.rules) if membership and place.rules else (),
        review=_open_review(membership) if membership else None,
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
