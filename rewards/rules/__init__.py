"""What a member has, from facts: entitlements, last days, who bears a cost. Pure."""

from rewards.rules.days import child_until, months_after
from rewards.rules.entitlement import Entitlement, Key, State
from rewards.rules.entitlements import due, entitlements
from rewards.rules.held import Bought, Child, HeldTier, Member, Taken, Taking, Version

__all__ = [
    "Bought",
    "Child",
    "Entitlement",
    "HeldTier",
    "Key",
    "Member",
    "State",
    "Taken",
    "Taking",
    "Version",
    "child_until",
    "due",
    "entitlements",
    "months_after",
]
