"""A patient's points ledger, page by page, with the paper and the story behind each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.paginator import Page, Paginator

from desk.queries.stories import Story, stories
from points.models import PointsEntry, Receipt, Refund
from staff.rules import business_day

ENTRIES_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger, with the receipt or refund behind it and what is told about it."""

    entry: PointsEntry
    receipt: Receipt | None
    refund: Refund | None
    story: Story

    @property
    def of_receipt(self) -> Receipt | None:
        """The receipt itself, or the one that was refunded."""
        return self.refund.receipt if self.refund else self.receipt

    @property
    def number(self) -> str:
        """The number on the paper behind it."""
        paper = self.refund or self.receipt
        return paper.number if paper else ""

    @property
    def moved(self) -> int:
        """Points gained or lost; what can be spent where the cumulative total stays (C3)."""
        return self.entry.cumulative_delta or self.entry.available_delta

    @property
    def amount(self) -> Decimal | None:
        """Yuan paid, or given back as a negative figure; what was taken back, the other way."""
        taken_back = self.entry.kind == PointsEntry.Kind.REVERSAL
        if self.refund:
            return self.refund.amount if taken_back else -self.refund.amount
        if self.receipt and taken_back:
            return self.receipt.refunded_amount - self.receipt.amount
        return self.receipt.amount if self.receipt else None

    @property
    def entered_on(self) -> date | None:
        """The later day on which the cashier entered a payment of an earlier one."""
        paid = self.receipt
        if not paid or self.refund or paid.imported_in_id or paid.correction_id:
            return None
        if self.entry.kind != PointsEntry.Kind.EARN:
            return None
        day = business_day(self.entry.recorded_at)
        return day if day > paid.day else None

    @property
    def refundable(self) -> Receipt | None:
        """The receipt of this line, if something of it can still be given back."""
        earned = self.entry.kind == PointsEntry.Kind.EARN
        return self.receipt if earned and self.receipt and self.receipt.net_amount else None


def ledger_page(patient_id: int, number: str) -> Page[PointsEntry]:
    """One page of a patient's entries, newest first; a wrong page number is the nearest."""
    entries = PointsEntry.objects.filter(account=patient_id).select_related("by")
    return Paginator(entries.order_by("-seq"), ENTRIES_A_PAGE).get_page(number)


def lines(page: Page[PointsEntry]) -> list[Line]:
    """The entries of a page with what is behind them, in a few statements."""
    entries: Sequence[PointsEntry] = list(page)
    told = stories(entries)
    return [
        Line(entry, story.receipt, story.refund, story)
        for entry, story in zip(entries, told, strict=True)
    ]
