from points.models.correction import Correction
from points.models.ledger import PointsAccount, PointsEntry
from points.models.legacy import LegacyBalance, LegacyConfirmation
from points.models.receipt import Receipt, Refund
from points.models.tier import TierReached, TierReview

__all__ = [
    "Correction",
    "LegacyBalance",
    "LegacyConfirmation",
    "PointsAccount",
    "PointsEntry",
    "Receipt",
    "Refund",
    "TierReached",
    "TierReview",
]
