"""A patient's points ledger, page by page, with the paper behind each line."""

from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator

from points.models import PointsEntry, Receipt, Refund

ENTRIES_A_PAGE = 20


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
