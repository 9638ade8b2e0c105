from points.models.ledger import PointsAccount, PointsEntry
from points.models.receipt import Receipt, Refund
from points.models.tier import TierReached, TierReview

__all__ = [
    "PointsAccount",
    "PointsEntry",
    "Receipt",
    "Refund",
    "TierReached",
    "TierReview",
]
