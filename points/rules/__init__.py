"""Receipts as delivered, what a day of them adds up to, and the levels they reach. Pure."""

from points.rules.levels import (
    Cause,
    LastReview,
    PostedReceipt,
    cause_of,
    cause_sentence,
    levels_reached,
    needs_review,
    yuan_text,
)
from points.rules.parsing import (
    NewReceipt,
    NewRefund,
    amount,
    receipt_from,
    refund_from,
)
from points.rules.visits import (
    OneTime,
    VisitDay,
    available_for,
    best,
    best_points,
    eligible_since,
    points_for,
    points_on,
)

__all__ = [
    "Cause",
    "LastReview",
    "NewReceipt",
    "NewRefund",
    "OneTime",
    "PostedReceipt",
    "VisitDay",
    "amount",
    "available_for",
    "best",
    "best_points",
    "cause_of",
    "cause_sentence",
    "eligible_since",
    "levels_reached",
    "needs_review",
    "points_for",
    "points_on",
    "receipt_from",
    "refund_from",
    "yuan_text",
]
