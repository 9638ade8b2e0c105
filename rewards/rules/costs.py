"""Who bears the cost of a service that was used, and how much that is (C30). Pure."""

from collections.abc import Collection
from decimal import Decimal

from scheme.rules import TIER_CODES, Rules

_VIP = TIER_CODES.index("vip") + 1


def doctor_bears(
    rules: Rules, *, specialty: str, department: str, departments: Collection[str]
) -> bool:
    """Whether the member's own doctor, of `department`, bears it; otherwise marketing does.

    What belongs to another of the hospital's `departments` is marketing's in any case.
    """
    is_anothers = specialty in departments and specialty != department
    return rules.cost_bearer == "doctor" and not is_anothers


def cost_of(rules: Rules, *, list_price: Decimal, cost_price: Decimal | None) -> Decimal:
    """Yuan that the bearer is charged; by the price list where the cost is not known."""
    if rules.price_basis == "cost" and cost_price is not None:
        return cost_price
    return list_price


def guests_are_vips(rank: int) -> bool:
    """Whether guests of a member of this rank are received like VIPs (R35); 0 is no level."""
    return rank >= _VIP
