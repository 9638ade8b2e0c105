"""Finding the entitlement that a fact is to be recorded about, with its member locked."""

from collections.abc import Collection, Sequence
from datetime import datetime

from members.models import Membership
from members.queries.households import live_place_of
from points.operations.levels import lock_accounts
from rewards.exceptions import no_such_entitlement, not_open
from rewards.queries import entitlements_of_member
from rewards.rules import Entitlement, Key, State
from staff.rules import business_day

OPEN: tuple[State, ...] = ("open",)


def locked_entitlement(
    *, membership: Membership, key: Key, states: Collection[State] = OPEN, now: datetime
) -> Entitlement:
    """The member's entitlement with this key, in one of `states`, held until the transaction ends.

    Raises Refusal 409 where there is none, or it is taken, lapsed, superseded or under review.
    """
    return locked_entitlements(membership=membership, keys=[key], states=states, now=now)[0]


def locked_entitlements(
    *,
    membership: Membership,
    keys: Sequence[Key],
    states: Collection[State] = OPEN,
    now: datetime,
) -> list[Entitlement]:
    """The member's entitlements with these keys, in their order, as `locked_entitlement`."""
    # A refund that opens a review, a merge and a redemption wait for this account.
    lock_accounts([membership.patient.root_id])
    day = business_day(now)
    found = {each.key: each for each in entitlements_of_member(membership.pk, day)}
    return [_in_state(found.get(key), states) for key in keys]


def counted_household(found: Entitlement) -> int | None:
    """The child's household, where the scheme allows one such item in each (C14)."""
    if not found.per_household or found.child_id is None:
        return None
    place = live_place_of(found.child_id)
    return place.household_id if place else None


def _in_state(found: Entitlement | None, states: Collection[State]) -> Entitlement:
    if found is None:
        raise no_such_entitlement()
    if found.state not in states:
        raise not_open(found)
    return found
