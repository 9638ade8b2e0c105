"""What a member has on a day, derived from facts (design section 5). Pure.

Nothing is opened at New Year, closed at its end or superseded: it follows, on each day anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rewards.rules.days import child_until, months_after
from rewards.rules.held import HeldTier, Member, Taken, Version
from scheme.rules import TIER_CODES, Benefit, ItemKind, Rules, TierRule

State = Literal["open", "claimed", "used", "lapsed", "superseded", "held"]
Key = tuple[str, str, int, int | None]

_RANKS = {code: rank for rank, code in enumerate(TIER_CODES, 1)}


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One gift or one service of a member, with the key that facts about it carry.

    `tier` is the level that brings it, "" for what points bought. `expires_on` is the last day,
    None without end; `reason` says in Chinese why it is not open. `taken` is the fact behind
    claimed and used ones. `per_household`: one of the household's children has it (C14).
    """

    item: str
    kind: ItemKind
    period: str
    ordinal: int
    tier: str
    state: State
    expires_on: date | None
    reason: str = ""
    child_id: int | None = None
    taken: Taken | None = None
    per_household: bool = False

    @property
    def key(self) -> Key:
        """What is single: item, period, ordinal, child."""
        return (self.item, self.period, self.ordinal, self.child_id)

    @property
    def is_redeemed(self) -> bool:
        """Whether points bought it (方案B)."""
        return self.period.startswith("redemption:")

    @property
    def is_yearly(self) -> bool:
        """Whether it comes anew each calendar year."""
        return self.period.isdigit()

    @property
    def is_due(self) -> bool:
        """Whether the level brings it and it is not yet issued or used (API `due`)."""
        return self.state in ("open", "claimed") and not self.is_redeemed


def entitlements(member: Member, versions: Sequence[Version], day: date) -> tuple[Entitlement, ...]:
    """All that a member has or had by `day`: what comes once, year by year, and what was bought.

    `versions` are the published ones, the oldest first. What was taken is always among them, also
    where nothing brings it any more.
    """
    in_force = _in_force(versions, day)
    taken = {(row.item, row.period, row.ordinal, row.child_id): row for row in _first(member.taken)}
    by_household = {key[:3]: row for key, row in taken.items() if row.child_id is not None}
    offered = [*_once(member), *_yearly(member, versions, day), *_redeemed(member)]
    found = {
        each.key: _judged(each, _taken(each, taken, by_household), member, in_force, day)
        for each in reversed(offered)
    }
    for key, row in taken.items():
        if key not in found and row.own:
            found[key] = _left_over(row)
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


def _in_force(versions: Sequence[Version], day: date) -> Rules | None:
    found = [version.rules for version in versions if version.since <= day]
    return found[-1] if found else None


def _once(member: Member) -> Iterator[Entitlement]:
    """Gifts and once-only services, of each level reached and member once (C8)."""
    highest = 0
    for tier in sorted(member.tiers, key=lambda held: (held.since, held.rank)):
        brought = _brought_once(tier, highest)
        highest = max(highest, tier.rank)
        for rule in brought:
            for benefit in rule.benefits:
                if benefit.cycle == "once":
                    yield from _pieces(
                        benefit,
                        tier.rules,
                        period=f"once:{rule.code}",
                        tier=rule.code,
                        expires_on=months_after(tier.since, tier.rules.once_only_valid_months),
                    )


def _brought_once(tier: HeldTier, highest: int) -> list[TierRule]:
    """The level that was reached, and those jumped over where the scheme grants them."""
    if not tier.brings_once or not tier.rules.plan_a:
        return []
    skipped = highest if tier.rules.grant_skipped else tier.rank
    return [
        rule
        for rule in tier.rules.tiers
        if rule.code == tier.code or skipped < rule.rank < tier.rank
    ]


def _yearly(member: Member, versions: Sequence[Version], day: date) -> Iterator[Entitlement]:
    """Services of each calendar year since a level was reached, in full in that year (C10)."""
    if not member.tiers:
        return
    for year in range(min(tier.since for tier in member.tiers).year, day.year + 1):
        ends = min(day, date(year, 12, 31))
        held = [tier for tier in member.tiers if tier.since <= ends]
        if not held:
            continue
        top = max(held, key=lambda tier: tier.rank)
        yield from _of_year(member, top, versions, year, ends)
        for lower in held:
            if lower.since < top.since and top.since.year == year and lower.rank < top.rank:
                for each in _of_year(member, lower, versions, year, ends):
                    yield replace(each, state="superseded", reason="升级后由新级别的待遇代替")


def _of_year(
    member: Member, tier: HeldTier, versions: Sequence[Version], year: int, ends: date
) -> Iterator[Entitlement]:
    rules = _rules_of_year(tier, versions, year, ends)
    if rules is None:
        return
    last = date(year, 12, 31)
    for benefit in rules.tier(tier.code).benefits:
        if benefit.cycle != "yearly":
            continue
        if benefit.for_whom == "member":
            yield from _pieces(benefit, rules, period=str(year), tier=tier.code, expires_on=last)
            continue
        per_household = rules.child_item_scope == "per_household"
        for child in member.children:
            until = child_until(child.birth_date, rules)
            if child.since > last or until.year < year:
                continue
            expires_on = min(last, until)
            for each in _pieces(
                benefit, rules, period=str(year), tier=tier.code, expires_on=expires_on
            ):
                yield replace(each, child_id=child.patient_id, per_household=per_household)


def _rules_of_year(
    tier: HeldTier, versions: Sequence[Version], year: int, ends: date
) -> Rules | None:
    """The version of 1 January, or of the day the level was reached; where 方案A was off then,
    the first one of the year that has it on (C3, C10).
    """
    begins = date(year, 1, 1)
    if tier.since >= begins:
        begins, first = tier.since, tier.rules
    else:
        first = _in_force(versions, begins) or tier.rules
    later = [version.rules for version in versions if begins < version.since <= ends]
    return next((rules for rules in (first, *later) if rules.plan_a), None)


def _redeemed(member: Member) -> Iterator[Entitlement]:
    for bought in member.bought:
        for ordinal in range(1, bought.quantity + 1):
            yield Entitlement(
                item=bought.item,
                kind=bought.kind,
                period=f"redemption:{bought.redemption_id}",
                ordinal=ordinal,
                tier="",
                state="open",
                expires_on=bought.expires_on,
            )


def _pieces(
    benefit: Benefit, rules: Rules, *, period: str, tier: str, expires_on: date | None
) -> Iterator[Entitlement]:
    for ordinal in range(1, benefit.quantity + 1):
        yield Entitlement(
            item=benefit.item,
            kind=rules.item(benefit.item).kind,
            period=period,
            ordinal=ordinal,
            tier=tier,
            state="open",
            expires_on=expires_on,
        )


def _judged(
    each: Entitlement, taken: Taken | None, member: Member, in_force: Rules | None, day: date
) -> Entitlement:
    """The state that follows from what happened, the time and a review, in this order."""
    if taken and taken.taking != "claimed":
        state: State = "used"
        own = taken.own and taken.child_id == each.child_id
        reason = "" if own else "今年已由家庭中另一位会员或儿童使用"
        return replace(each, state=state, reason=reason, taken=taken)
    if each.state == "superseded":
        return replace(each, taken=taken)
    expires_on = taken.expires_on if taken and taken.expires_on else each.expires_on
    each = replace(each, expires_on=expires_on, taken=taken)
    if expires_on and expires_on < day:
        return replace(each, state="lapsed", reason=f"{expires_on} 到期，未使用的自动取消")
    if not each.is_redeemed and _is_in_question(each, member):
        return replace(each, state="held", reason="级别复核中，决定之前暂停领取")
    if taken:
        return replace(each, state="claimed")
    if not each.is_redeemed and not (in_force and in_force.plan_a):
        return replace(each, state="held", reason="现行方案没有方案A，暂停领取")
    return each


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
        reason="现有的级别不再带来这一项",
        child_id=row.child_id,
        taken=row,
    )


def _place(each: Entitlement) -> tuple[bool, str, str, int, int]:
    return (each.is_yearly, each.period, each.item, each.child_id or 0, each.ordinal)
