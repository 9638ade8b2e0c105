"""What was said about due gifts: put off, another gift asked for, gifts to be taken back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from points.models import TierReview
from rewards.models import Deferral, GiftChange, Issue
from rewards.rules import Entitlement
from scheme.models import Item
from scheme.rules import TIER_CODES

ThingKey = tuple[str, str, int]


def items_of(codes: Collection[str]) -> dict[str, Item]:
    """The items with these codes, also those that the rules in force no longer have."""
    return {item.code: item for item in Item.objects.filter(code__in=codes)}


def latest_deferrals(membership_id: int) -> dict[tuple[str, str], Deferral]:
    """The last time that each of a member's things was put off, by item code and period."""
    rows = Deferral.objects.filter(membership=membership_id).select_related("item", "by")
    return {(row.item.code, row.period): row for row in rows.order_by("pk")}


@dataclass(frozen=True, slots=True)
class Change:
    """A request for another gift, and whether it was used up by an issue."""

    row: GiftChange
    used: bool

    @property
    def is_waiting(self) -> bool:
        """Whether a manager has still to decide it."""
        return self.row.approval.is_waiting

    @property
    def is_agreed(self) -> bool:
        """Whether the other gift may be handed over now."""
        return self.row.decision == GiftChange.Decision.APPROVE and not self.used

    @property
    def is_refused(self) -> bool:
        """Whether a manager said no."""
        return self.row.decision == GiftChange.Decision.REFUSE


def latest_changes(membership_id: int) -> dict[ThingKey, Change]:
    """The last request for another gift for each of a member's gifts, by item, period, ordinal."""
    used = Exists(Issue.objects.filter(change=OuterRef("pk")))
    rows = GiftChange.objects.filter(membership=membership_id).annotate(used=used)
    people = ("item", "other_item", "approval__requested_by", "approval__decided_by")
    found = rows.select_related(*people).order_by("pk")
    return {(row.item.code, row.period, row.ordinal): Change(row, row.used) for row in found}


def to_recover(membership_id: int, found: Iterable[Entitlement]) -> list[Issue]:
    """Gifts handed over for a level that was taken back with them, not yet returned (C18)."""
    left = [each.taken.fact_id for each in found if _is_left_over(each) and each.taken]
    if not left:
        return []
    lost = _levels_to_recover(membership_id)
    issues = Issue.objects.filter(pk__in=left).select_related("given_item", "by")
    return [row for row in issues.order_by("pk") if row.period.removeprefix("once:") in lost]


def _is_left_over(each: Entitlement) -> bool:
    """A gift of the member's own that was issued and that no level brings any more."""
    issued = each.taken is not None and each.taken.taking == "issued" and each.taken.own
    return issued and each.state == "used" and bool(each.reason) and not each.is_redeemed


def at_stake(membership_id: int, *, supported: str, held: str) -> list[Issue]:
    """Gifts handed over for the levels above `supported` up to `held`, not returned (C18)."""
    periods = [f"once:{tier}" for tier in _above(supported, held)]
    own = Q(membership=membership_id)
    absorbed = Q(membership__patient__merged_into__membership=membership_id)
    issues = Issue.objects.filter(own | absorbed, period__in=periods, voided=False)
    return list(issues.select_related("given_item", "by").order_by("pk"))


def _levels_to_recover(membership_id: int) -> set[str]:
    """The levels above the supported one, of reviews that were decided so."""
    decided = TierReview.objects.live().filter(
        membership=membership_id, decision=TierReview.Decision.RECOVER
    )
    lost: set[str] = set()
    for held, supported in decided.values_list("tier", "supported_tier"):
        lost |= set(_above(supported, held))
    return lost


def _above(supported: str, held: str) -> Sequence[str]:
    first = TIER_CODES.index(supported) + 1 if supported else 0
    return TIER_CODES[first : TIER_CODES.index(held) + 1]
