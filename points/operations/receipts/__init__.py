"""Receipts go in: each gets its patient and rules, is booked once, and may reach a level."""

from points.operations.receipts.recording import (
    Recorded,
    post_receipts,
    record_receipt,
    record_receipts,
)

__all__ = ["Recorded", "post_receipts", "record_receipt", "record_receipts"]
