"""What a member has on a day, derived from facts (design section 5). Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from rewards.rules.entitlement import Entitlement, Key, State
from rewards.rules.held import Member, Taken, Version
from rewards.rules.offered import in_force, offered
from scheme.rules import TIER_CODES, Rules

# What is given up first where more was used than the level brings: open ones before cards.
LEFT: tuple[State, ...] = ("open", "held", "claimed")
NOT_BROUGHT = "现有的级别不再带来这一项"

_RANKS = {code: rank for rank, code in enumerate(TIER_CODES, 1)}


def entitlements(member: Member, versions: Sequence[Version], day: date) -> tuple[Entitlement, ...]:
    """All that a member has or had by `day`: what comes once, year by year, and what was bought.

    `versions` are the published ones, the oldest first. What was taken is always among them, also
    where nothing brings it any more.
    """
    member = replace(member, tiers=[tier for tier in member.tiers if tier.since <= day])
    rules = in_force(versions, day)
    taken = {(row.item, row.period, row.ordinal, row.child_id): row for row in _first(member.taken)}
    by_household = {key[:3]: row for key, row in taken.items() if row.child_id is not None}
    found = {
        each.key: _judged(each, _taken(each, taken, by_household), member, rules, day)
        for each in reversed(list(offered(member, versions, day)))
    }
    for key, row in taken.items():
        if key not in found and row.own:
            found[key] = _left_over(row)
    found |= _used_up(found, member)
    return tuple(sorted(found.values(), key=_place))


def due(found: Sequence[Entitlement]) -> tuple[Entitlement, ...]:
    """What the levels bring and is not yet issued or used; what a household has once, once."""
    single: dict[Key, Entitlement] = {}
    for each in found:
        if each.is_due:
            key = (*each.key[:3], None) if each.per_household else each.key
            single.setdefault(key, each)
    return tuple(single.values())


def _taken(
    each: Entitlement,
    taken: Mapping[Key, Taken],
    by_household: Mapping[tuple[str, str, int], Taken],
) -> Taken | None:
    if each.per_household:
        return by_household.get(each.key[:3])
    return taken.get(each.key)


def _first(taken: Sequence[Taken]) -> list[Taken]:
    """In the order in which a dict should take them: used, and what is the member's own, last."""
    order = {"claimed": 0, "issued": 1, "used": 2}
    return sorted(taken, key=lambda row: (order[row.taking], row.own))


def _used_up(found: Mapping[Key, Entitlement], member: Member) -> dict[Key, Entitlement]:
    """What is not open any more since as many were used this year under another key.

    So of a level that a review took away, and of two files that were made one (C9, C40).
    """
    uses = Counter(
        (row.item, row.period, row.child_id)
        for row in member.taken
        if row.own and row.taking == "used" and row.period.isdigit()
    )
    spent: dict[Key, Entitlement] = {}
    for (item, period, child_id), used in uses.items():
        brought = [
            each
            for each in found.values()
            if (each.item, each.period, each.child_id) == (item, period, child_id)
            and each.reason != NOT_BROUGHT
        ]
        surplus = used - sum(each.state == "used" for each in brought)
        left = [each for each in brought if each.state in LEFT]
        left.sort(key=lambda each: (each.state == "claimed", -each.ordinal))
        for each in left[: max(surplus, 0)]:
            spent[each.key] = replace(each, state="superseded", reason="今年的次数已经用完")
    return spent


def _judged(
    each: Entitlement, taken: Taken | None, member: Member, rules: Rules | None, day: date
) -> Entitlement:
    """The state that follows from what happened, the time and a review, in this order."""
    if taken and (each.state != "superseded" or taken.taking != "claimed"):
        own = taken.own and taken.child_id == each.child_id
        if not own or taken.taking != "claimed":
            return _gone(each, taken, own=own)
    expires_on = taken.expires_on if taken and taken.expires_on else each.expires_on
    each = replace(each, expires_on=expires_on, taken=taken)
    if each.state == "superseded":
        return each
    if expires_on and expires_on < day:
        return replace(each, state="lapsed", reason=f"{expires_on} 到期，未使用的自动取消")
    if not each.is_redeemed and _is_in_question(each, member):
        return replace(each, state="held", reason="级别复核中，决定之前暂停")
    return replace(each, state="claimed") if taken else _unless_off(each, rules)


def _unless_off(each: Entitlement, rules: Rules | None) -> Entitlement:
    if each.is_redeemed or (rules and rules.plan_a):
        return each
    return replace(each, state="held", reason="现行方案没有方案A，暂停")


def _gone(each: Entitlement, taken: Taken, *, own: bool) -> Entitlement:
    """Issued or used; or collected by another of the household, whose card alone counts."""
    if taken.taking == "claimed":
        reason = "今年已由家庭中另一位会员或为另一名儿童领取"
        return replace(each, state="superseded", reason=reason, taken=taken)
    reason = "" if own else "今年已由家庭中另一位会员或儿童使用"
    return replace(each, state="used", reason=reason, taken=taken)


def _is_in_question(each: Entitlement, member: Member) -> bool:
    return member.held_above is not None and _RANKS[each.tier] > member.held_above


def _left_over(row: Taken) -> Entitlement:
    """What was taken and nothing brings any more: the level was taken back, the history changed."""
    return Entitlement(
        item=row.item,
        kind="gift" if row.taking == "issued" else "service",
        period=row.period,
        ordinal=row.ordinal,
        tier=row.period.removeprefix("once:") if row.period.startswith("once:") else "",
        state="superseded" if row.taking == "claimed" else "used",
        expires_on=row.expires_on,
        reason=NOT_BROUGHT,
        child_id=row.child_id,
        taken=row,
    )


def _place(each: Entitlement) -> tuple[bool, int, str, str, int, int]:
    """What comes once by its level, then what was bought, then year by year."""
    level = _RANKS.get(each.period.removeprefix("once:"), len(_RANKS) + 1)
    return (each.is_yearly, level, each.period, each.item, each.child_id or 0, each.ordinal)
