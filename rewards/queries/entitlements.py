"""What members have on a day: read from the facts, decided by the rules."""

from collections.abc import Collection
from datetime import date

from rewards.queries.facts import members, versions
from rewards.rules import Entitlement, entitlements


def entitlements_of(
    membership_ids: Collection[int], day: date
) -> dict[int, tuple[Entitlement, ...]]:
    """All that these members have or had by `day`, by membership; a few statements in all."""
    if not membership_ids:
        return {}
    published = versions()
    return {
        pk: entitlements(member, published, day) for pk, member in members(membership_ids).items()
    }


def entitlements_of_member(membership_id: int, day: date) -> tuple[Entitlement, ...]:
    """All that one member has or had by `day`."""
    return entitlements_of([membership_id], day)[membership_id]
