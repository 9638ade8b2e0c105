"""What went through the till: a cashier's day, the whole day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Sum

from points.models import Receipt, Refund
from staff.models import User
from staff.rules import SHANGHAI

LAST_RECEIPTS = 10
RECEIPTS_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class Takings:
    """What one cashier, or all of them, took and gave back on a day, in yuan.

    A corrected receipt counts once, as it is now, for whoever corrected it.
    """

    by: User | None
    receipts: int
    taken: Decimal
    refunds: int
    given_back: Decimal

    @property
    def net(self) -> Decimal:
        return self.taken - self.given_back


@dataclass(frozen=True, slots=True)
class TillPage:
    """The cashier's start: what went through this till today, the newest first."""

    takings: Takings
    last: tuple[Receipt, ...]


def till_page(cashier: User, *, today: date) -> TillPage:
    """The cashier's own receipts of today: their sum and the last ten."""
    receipts, refunds = (
        receipts_of(today).filter(by=cashier),
        refunds_of(today).filter(by=cashier),
    )
    last = receipts.select_related("patient").order_by("-pk")[:LAST_RECEIPTS]
    return TillPage(_sum(cashier, receipts, refunds), tuple(last))


@dataclass(frozen=True, slots=True)
class DayPage:
    """The receipts and refunds of a day with their totals."""

    day: date
    before: date
    after: date
    total: Takings
    cashiers: tuple[Takings, ...]
    receipts: Page[Receipt]
    refunds: tuple[Refund, ...]

    @property
    def address(self) -> str:
        """The day's own address, to which a page number is added."""
        return f"?day={self.day}&"


def day_page(day: date, number: str) -> DayPage:
    """The books of one business day; a page of receipts, all refunds, totals per cashier.

    What was taken back by a correction is listed and not counted (C39).
    """
    cashiers = _by_cashier(day)
    receipts = receipts_of(day).select_related("patient", "by").order_by("-pk")
    refunds = refunds_of(day).select_related("receipt__patient", "by", "voided_by__by")
    return DayPage(
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        total=_together(cashiers),
        cashiers=cashiers,
        receipts=Paginator(receipts, RECEIPTS_A_PAGE).get_page(number),
        refunds=tuple(refunds.order_by("-pk")[:RECEIPTS_A_PAGE]),
    )


def receipts_of(day: date) -> QuerySet[Receipt]:
    """What was paid on a business day, with what was taken back by a correction."""
    return Receipt.objects.filter(day=day)


def refunds_of(day: date) -> QuerySet[Refund]:
    """What was given back on a business day, whatever the day of its receipt."""
    begins = datetime.combine(day, time(), SHANGHAI)
    return Refund.objects.filter(
        refunded_at__gte=begins, refunded_at__lt=begins + timedelta(days=1)
    )


def _counted(receipts: QuerySet[Receipt]) -> QuerySet[Receipt]:
    return receipts.filter(voided=False)


def _counted_back(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    return refunds.filter(voided=False, receipt__voided=False)


def _sum(by: User, receipts: QuerySet[Receipt], refunds: QuerySet[Refund]) -> Takings:
    taken = _counted(receipts).aggregate(count=Count("pk"), yuan=Sum("amount"))
    back = _counted_back(refunds).aggregate(count=Count("pk"), yuan=Sum("amount"))
    return Takings(
        by, taken["count"], taken["yuan"] or Decimal(0), back["count"], back["yuan"] or Decimal(0)
    )


def _by_cashier(day: date) -> tuple[Takings, ...]:
    taken = _per_cashier(_counted(receipts_of(day)))
    back = _per_cashier(_counted_back(refunds_of(day)))
    users = User.objects.in_bulk(taken.keys() | back.keys())
    nothing = (0, Decimal(0))
    return tuple(
        Takings(users[pk], *taken.get(pk, nothing), *back.get(pk, nothing)) for pk in sorted(users)
    )


def _per_cashier(rows: QuerySet[Receipt] | QuerySet[Refund]) -> dict[int, tuple[int, Decimal]]:
    grouped = rows.order_by().values_list("by").annotate(Count("pk"), Sum("amount"))
    return {by: (count, yuan) for by, count, yuan in grouped}


def _together(cashiers: Iterable[Takings]) -> Takings:
    every = tuple(cashiers)
    return Takings(
        by=None,
        receipts=sum(row.receipts for row in every),
        taken=sum((row.taken for row in every), Decimal(0)),
        refunds=sum(row.refunds for row in every),
        given_back=sum((row.given_back for row in every), Decimal(0)),
    )
