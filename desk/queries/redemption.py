"""One redemption as the desk sees it, and the mouth on which teeth are chosen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from members.models import Patient
from members.queries.households import household_of
from points.models import PointsEntry
from rewards.models import Redemption, RedemptionCancel
from rewards.queries import entitlements_of_member
from rewards.rules import Entitlement
from rewards.rules.teeth import MILK, PERMANENT, tooth_name

_PEOPLE = ("membership__patient__merged_into", "item", "beneficiary", "card", "by", "scheme")


@dataclass(frozen=True, slots=True)
class Tooth:
    """A tooth of the chart; `is_left` begins the patient's left side."""

    number: str
    name: str
    is_chosen: bool
    is_left: bool


@dataclass(frozen=True, slots=True)
class Jaws:
    """Permanent or milk teeth: the upper row, then the lower one."""

    title: str
    rows: tuple[tuple[Tooth, ...], ...]


def tooth_chart(chosen: Collection[str]) -> tuple[Jaws, ...]:
    """The mouth as one looks at it, with what is chosen."""
    return tuple(
        Jaws(title, tuple(_row(row, chosen) for row in rows))
        for title, rows in (("恒牙", PERMANENT), ("乳牙", MILK))
    )


def _row(row: Sequence[str], chosen: Collection[str]) -> tuple[Tooth, ...]:
    half = len(row) // 2
    return tuple(
        Tooth(number, tooth_name(number), number in chosen, place == half)
        for place, number in enumerate(row)
    )


@dataclass(frozen=True, slots=True)
class RedemptionPage:
    """A redemption, what was left after it, its pieces today, and its cancellation."""

    redemption: Redemption
    patient: Patient
    left: int
    pieces: Sequence[Entitlement]
    cancel: RedemptionCancel | None

    @property
    def may_cancel(self) -> bool:
        """Whether nothing of it was issued, claimed or used."""
        return self.cancel is None and all(piece.taken is None for piece in self.pieces)

    @property
    def to_hand_over(self) -> bool:
        """Whether a gift of it waits to be handed over."""
        return any(piece.kind == "gift" and piece.state == "open" for piece in self.pieces)

    @property
    def to_use(self) -> Entitlement | None:
        """The next piece of a service that waits to be used."""
        open_ones = (piece for piece in self.pieces if piece.state == "open")
        return next((piece for piece in open_ones if piece.kind == "service"), None)


def redemption_page(pk: int, *, today: date) -> RedemptionPage:
    """One redemption. Raises Redemption.DoesNotExist."""
    bought = Redemption.objects.select_related(*_PEOPLE).get(pk=pk)
    file = bought.membership.patient
    patient = file.merged_into or file
    own = patient.membership if file.merged_into else bought.membership
    period = f"redemption:{bought.pk}"
    found = entitlements_of_member(own.pk, today)
    cancels = RedemptionCancel.objects.filter(redemption=bought).select_related("by")
    return RedemptionPage(
        redemption=bought,
        patient=patient,
        left=PointsEntry.objects.get(reference=bought.reference).available_after,
        pieces=[each for each in found if each.period == period],
        cancel=cancels.first(),
    )


def people_to_give(patient: Patient) -> list[Patient]:
    """Whom a redemption may be meant for: the member, then who else is in the household."""
    others = [row.patient.merged_into or row.patient for row in household_of(patient.pk).live]
    return [patient, *(other for other in others if other.pk != patient.pk)]
