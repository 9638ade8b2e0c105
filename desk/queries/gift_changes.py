"""What a manager needs to decide whether another gift is handed over (R66)."""

from dataclasses import dataclass
from datetime import date

from members.models import Membership
from rewards.models import GiftChange
from rewards.queries import entitlements_of_member
from rewards.rules import Entitlement
from scheme.queries import rules_on
from scheme.rules import Rules
from staff.models import Approval


@dataclass(frozen=True, slots=True)
class GiftChangePage:
    """A request for another gift; `is_open`: the due one can still be handed over.

    `worth` and `other_worth` in yuan, None where the rules in force say nothing.
    """

    change: GiftChange
    level: str
    is_open: bool
    worth: int | None
    other_worth: int | None

    @property
    def membership(self) -> Membership:
        return self.change.membership


def gift_change_page(approval: Approval, today: date) -> GiftChangePage | None:
    """The gift behind a request; None when there is none."""
    people = ("membership__patient__merged_into", "item", "other_item")
    change = GiftChange.objects.select_related(*people).filter(approval=approval).first()
    if change is None:
        return None
    key = (change.item.code, change.period, change.ordinal, None)
    found = {each.key: each for each in entitlements_of_member(change.membership_id, today)}
    due, rules = found.get(key), rules_on(today)
    return GiftChangePage(
        change=change,
        level=_level(due, rules),
        is_open=due is not None and due.state == "open",
        worth=_worth(change.item.code, rules),
        other_worth=_worth(change.other_item.code, rules),
    )


def _level(due: Entitlement | None, rules: Rules | None) -> str:
    if due is None or due.is_redeemed or rules is None:
        return ""
    return rules.tier(due.tier).name


def _worth(code: str, rules: Rules | None) -> int | None:
    bands = rules.gift_bands if rules else ()
    return next((band.value_yuan for band in bands if band.item == code), None)
