from rewards.models.issue import Deferral, GiftChange, Issue
from rewards.models.redemption import Redemption, RedemptionCancel
from rewards.models.service import Claim, Settlement, Use
from rewards.models.simulation import SimulatedMove, Simulation
from rewards.models.undoing import Undoing

__all__ = [
    "Claim",
    "Deferral",
    "GiftChange",
    "Issue",
    "Redemption",
    "RedemptionCancel",
    "Settlement",
    "SimulatedMove",
    "Simulation",
    "Undoing",
    "Use",
]
