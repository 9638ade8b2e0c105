"""What levels and points bring: once, year by year, and what was bought. Pure.

Nothing is opened at New Year, closed at its end or superseded: it follows, on each day anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from rewards.rules.days import child_until, months_after
from rewards.rules.entitlement import Entitlement
from rewards.rules.held import HeldTier, Member, Version
from scheme.rules import Benefit, Rules, TierRule


def offered(member: Member, versions: Sequence[Version], day: date) -> Iterator[Entitlement]:
    """All that was ever brought to the member by `day`, open or superseded, whatever was taken.

    Of two with the same key the first one counts.
    """
    yield from _once(member)
    yield from _yearly(member, versions, day)
    yield from _redeemed(member)


def in_force(versions: Sequence[Version], day: date) -> Rules | None:
    """The rules of the version in force on a day; None before the first."""
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
            begins = max(child.since, tier.since, date(year, 1, 1))
            if begins > last or until < begins:
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
        first = in_force(versions, begins) or tier.rules
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
