"""What a manager looks at each day: own refunds, corrections, late entries, and more (C39)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from desk.queries.undone import Undone, undone_between
from points.models import Correction, Receipt, Refund
from staff.models import ApiToken, Import
from staff.rules import SHANGHAI

SHOWN_AT_MOST = 500
# Those that move money to another person come first.
_OTHER_PATIENT, _CHANGED, _AGAIN = "换病人", "更正", "重录"
_TAKEN_BACK, _REFUND = "只冲正", "冲正退费"
_ORDER = (_OTHER_PATIENT, _CHANGED, _AGAIN, _TAKEN_BACK, _REFUND)
Row = TypeVar("Row", Receipt, Refund)


@dataclass(frozen=True, slots=True)
class Mended:
    """A correction with the revision that was entered again, if any."""

    made: Correction
    later: Receipt | None

    @property
    def what(self) -> str:
        """What was done, in one word."""
        if self.made.refund:
            return _REFUND
        if self.later is None:
            return _TAKEN_BACK
        if self.later.patient_id != self.made.receipt.patient_id:
            return _OTHER_PATIENT
        return _CHANGED if self.made.voids else _AGAIN

    @property
    def number(self) -> str:
        """The number on the paper that was wrong."""
        return (self.made.refund or self.made.receipt).number

    @property
    def yuan(self) -> Decimal:
        """Yuan on the paper that was wrong."""
        return (self.made.refund or self.made.receipt).amount

    @property
    def receipt(self) -> Receipt:
        """The receipt as it is now: the page to look at."""
        return self.later or self.made.receipt


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """Some rows, at most 500 of them shown, with their number and yuan in all."""

    rows: Sequence[Row]
    count: int
    yuan: Decimal

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


@dataclass(frozen=True, slots=True)
class OversightPage:
    """What was recorded on one business day and wants a second look."""

    day: date
    before: date
    after: date
    own_refunds: Listed[Refund]
    refunds_by_programs: int
    corrections: Sequence[Mended]
    late: Listed[Receipt]
    imports: Sequence[Import]
    undone: Sequence[Undone]

    @property
    def other_patients(self) -> int:
        """How many corrections gave a receipt to another patient."""
        return sum(mended.what == _OTHER_PATIENT for mended in self.corrections)


def oversight_page(day: date) -> OversightPage:
    """Own refunds, corrections, late entries, imports and what was undone on this day."""
    begins = datetime.combine(day, time(), SHANGHAI)
    window = (begins, begins + timedelta(days=1) - timedelta(microseconds=1))
    own, by_programs = _own_refunds(window)
    people = ("receipt__patient", "by", "voided_by")
    return OversightPage(
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        own_refunds=_listed(own.select_related(*people)),
        refunds_by_programs=by_programs,
        corrections=_corrections(window),
        late=_listed(_late(window, day).select_related("patient", "by")),
        imports=_imports(window),
        undone=undone_between(window),
    )


def _listed(rows: QuerySet[Row]) -> Listed[Row]:
    total = rows.order_by().aggregate(count=Count("pk"), yuan=Sum("amount"))
    shown = list(rows.order_by("pk")[:SHOWN_AT_MOST])
    return Listed(shown, total["count"], total["yuan"] or Decimal(0))


def _own_refunds(window: tuple[datetime, datetime]) -> tuple[QuerySet[Refund], int]:
    """Refunds by whoever took the payment; those that programs sent are only counted.

    A refund that moved on with its corrected receipt was not given again.
    """
    first = Receipt.objects.filter(number=OuterRef("receipt__number"), revision=1)
    given = Refund.objects.filter(recorded_at__range=window).filter(
        Q(correction=None) | Q(receipt__correction=None) | ~Q(correction=F("receipt__correction"))
    )
    own = given.annotate(taken_by=Subquery(first.values("by")[:1])).filter(by=F("taken_by"))
    program = Exists(ApiToken.objects.filter(user=OuterRef("by")))
    return own.exclude(program), own.filter(program).count()


def _corrections(window: tuple[datetime, datetime]) -> Sequence[Mended]:
    related = ("receipt__patient", "receipt__by", "refund__by", "by")
    made = list(Correction.objects.filter(recorded_at__range=window).select_related(*related))
    again = Receipt.objects.filter(correction__in=made).select_related("patient")
    later = {receipt.correction_id: receipt for receipt in again}
    mended = [Mended(each, later.get(each.pk)) for each in made]
    return sorted(mended, key=lambda one: (_ORDER.index(one.what), one.made.pk))


def _late(window: tuple[datetime, datetime], day: date) -> QuerySet[Receipt]:
    entered = Receipt.objects.filter(recorded_at__range=window, imported_in=None)
    return entered.filter(revision=1, day__lt=day)


def _imports(window: tuple[datetime, datetime]) -> Sequence[Import]:
    """Files that wrote something: done on this day, or begun on it and still going on."""
    done = Q(state=Import.State.DONE, finished_at__range=window)
    going_on = Q(state=Import.State.SAVING, created_at__range=window)
    found = Import.objects.filter(done | going_on).select_related("by", "saved_by")
    return list(found.order_by("pk"))
