"""One receipt: what it did, what became of it, and where the patient stands now."""

from dataclasses import dataclass
from datetime import date

from desk.queries.cards import card_to_give
from desk.queries.positions import LevelReached, Position, level_reached, positions
from members.models import Card
from points.models import Correction, PointsEntry, Receipt, Refund, TierReached, TierReview
from staff.rules import business_day


@dataclass(frozen=True, slots=True)
class Revision:
    """A receipt as it was once entered, and the correction that took it back."""

    receipt: Receipt
    voiding: Correction | None


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """A receipt, what it did when it was recorded, and where the patient stands now.

    `revisions` are all of the same paper number, `corrections` what was done to them (C39), the
    oldest first. `source` is where the patient stands from whom a correction took it. `card_due` is
    the physical card that is to be handed over (C21).
    """

    receipt: Receipt
    entry: PointsEntry
    level: LevelReached | None
    position: Position
    source: Position | None
    refunds: tuple[Refund, ...]
    review: TierReview | None
    revisions: tuple[Receipt, ...]
    corrections: tuple[Correction, ...]
    card_due: Card | None = None

    @property
    def newest(self) -> Receipt:
        """The last revision, which is the only one that may count."""
        return self.revisions[-1]

    @property
    def is_newest(self) -> bool:
        return self.newest.pk == self.receipt.pk

    @property
    def cause(self) -> Correction | None:
        """The correction by which this revision came in."""
        return self.receipt.correction

    @property
    def voiding(self) -> Correction | None:
        """The correction that took this revision back."""
        return self._voiding(self.receipt)

    @property
    def history(self) -> tuple[Revision, ...]:
        """All revisions, where there is more to tell than this one."""
        rows = tuple(Revision(one, self._voiding(one)) for one in self.revisions)
        return rows if len(rows) > 1 or rows[0].voiding else ()

    def _voiding(self, receipt: Receipt) -> Correction | None:
        found = (made for made in self.corrections if made.receipt_id == receipt.pk)
        return next((made for made in found if made.voids), None)

    @property
    def moved(self) -> bool:
        """Whether the correction behind this revision took it from another file."""
        cause = self.cause
        return cause is not None and cause.receipt.patient_id != self.receipt.patient_id

    @property
    def is_late(self) -> bool:
        """Whether it was entered on a later day than it was paid."""
        receipt = self.receipt
        entered = business_day(receipt.recorded_at)
        return receipt.revision == 1 and not receipt.imported_in_id and receipt.day < entered

    def refund(self, pk: str) -> Refund | None:
        """The refund of this receipt with this key, as written in an address."""
        return next((refund for refund in self.refunds if str(refund.pk) == pk), None)


def receipt_page(pk: int, *, today: date) -> ReceiptPage:
    """What happened to a receipt; raises Receipt.DoesNotExist."""
    number = Receipt.objects.values_list("number", flat=True).get(pk=pk)
    revisions = tuple(_revisions(number))
    receipt = next(one for one in revisions if one.pk == pk)
    entry = PointsEntry.objects.get(reference=receipt.reference)
    source = receipt.correction.receipt.patient.root_id if receipt.correction else None
    owner = receipt.patient.root_id
    places = positions({owner, source or owner}, today=today)
    refunds = Refund.objects.filter(receipt=receipt).select_related("by", "voided_by__by")
    corrections = Correction.objects.filter(receipt__number=number)
    review = _review_by(places[owner])
    return ReceiptPage(
        receipt=receipt,
        entry=entry,
        level=_level_by(entry, places[owner]),
        position=places[owner],
        source=places[source] if source else None,
        refunds=tuple(refunds.order_by("pk")),
        review=review,
        revisions=revisions,
        corrections=tuple(corrections.select_related("by", "refund").order_by("pk")),
        card_due=None if review else card_to_give(places[owner]),
    )


def _revisions(number: str) -> list[Receipt]:
    people = ("patient__merged_into", "by", "correction__by", "correction__receipt__patient")
    found = Receipt.objects.filter(number=number).select_related(*people)
    return list(found.order_by("revision"))


def _level_by(entry: PointsEntry, place: Position) -> LevelReached | None:
    rows = TierReached.objects.filter(entry=entry, at_enrolment=False, restated_by=None)
    row = rows.order_by("-rank").first()
    return level_reached(row, place.rules) if row and place.rules else None


def _review_by(place: Position) -> TierReview | None:
    if not place.is_member:
        return None
    return TierReview.objects.waiting().filter(membership=place.stand.membership_id).first()
