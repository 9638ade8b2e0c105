"""Which levels receipts reach, when a level is reviewed, and the cause as a sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from points.rules.visits import OneTime, VisitDay
from scheme.rules import Reached, Rules, TierRule, reached


@dataclass(frozen=True, slots=True)
class PostedReceipt:
    """A receipt in the ledger: what it paid, the entry it wrote and the total after it."""

    rules: Rules
    scheme_id: int
    paid: OneTime
    entry_id: int
    cumulative_after: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a level is held: by which path, on which day, with how many points or yuan."""

    tier: TierRule
    path: str
    entry_id: int
    scheme_id: int
    day: date
    points: int
    yuan: Decimal | None


def levels_reached(
    *, held_rank: int, visits: Iterable[VisitDay], posted: Sequence[PostedReceipt]
) -> list[Cause]:
    """The levels above `held_rank` that a member's new receipts reach, one after the other.

    `visits` are those after all of `posted`; the way there is walked again receipt by receipt,
    so that a file of a thousand rows reaches what a thousand payments reach (R12–R15, C16).
    """
    running = _before(visits, posted)
    causes = []
    for receipt in posted:
        running[receipt.paid.day] = _plus(running[receipt.paid.day], receipt.paid, 1)
        by_day = receipt.rules.one_time_scope == "day"
        one_time = running[receipt.paid.day] if by_day else receipt.paid
        found = reached(
            receipt.rules, one_time=one_time.points, cumulative=receipt.cumulative_after
        )
        if found and found.tier.rank > held_rank:
            held_rank = found.tier.rank
            causes.append(_cause(found, one_time, receipt))
    return causes


def _cause(found: Reached, one_time: OneTime, receipt: PostedReceipt) -> Cause:
    return cause_of(
        found,
        one_time,
        entry_id=receipt.entry_id,
        scheme_id=receipt.scheme_id,
        cumulative=receipt.cumulative_after,
    )


def _before(visits: Iterable[VisitDay], posted: Iterable[PostedReceipt]) -> dict[date, OneTime]:
    running = {visit.total.day: visit.total for visit in visits}
    for receipt in posted:
        running[receipt.paid.day] = _plus(running[receipt.paid.day], receipt.paid, -1)
    return running


def _plus(day: OneTime, paid: OneTime, sign: int) -> OneTime:
    return OneTime(day.day, day.points + sign * paid.points, day.yuan + sign * paid.yuan)


def cause_of(
    found: Reached, one_time: OneTime, *, entry_id: int, scheme_id: int, cumulative: int
) -> Cause:
    """The cause of a level, with the sum of the path that reached it."""
    by_sum = found.path == "one_time"
    return Cause(
        tier=found.tier,
        path=found.path,
        entry_id=entry_id,
        scheme_id=scheme_id,
        day=one_time.day,
        points=one_time.points if by_sum else cumulative,
        yuan=one_time.yuan if by_sum else None,
    )


@dataclass(frozen=True, slots=True)
class LastReview:
    """A member's latest review: the level in question, what was left, and how it ended."""

    tier: str
    supported_tier: str
    waits: bool
    kept: bool


def needs_review(
    *, tier: str, rank: int, supported: TierRule | None, last: LastReview | None
) -> bool:
    """Whether the level held lost its ground and a manager is to be asked (C18).

    One question waits at a time, and a level that was kept at this same support is not asked
    about again.
    """
    if supported and supported.rank >= rank:
        return False
    if last is None:
        return True
    same = (last.tier, last.supported_tier) == (tier, supported.code if supported else "")
    return not last.waits and not (last.kept and same)


def cause_sentence(
    *, tier: str, lowest: bool, path: str, day: date, points: int, yuan: Decimal | None
) -> str:
    """One sentence for patient and staff: when and how a level was reached (R12–R15)."""
    result = f"成为{tier}" if lowest else f"升级为{tier}"
    if path == "one_time" and yuan is not None:
        direct = "" if lowest else "直接"
        return f"{day} 一次性消费 {yuan_text(yuan)} 元，{direct}{result}"
    if path == "cumulative":
        return f"{day} 累计积分达到 {points:,} 分，{result}"
    if path == "legacy":
        return f"{day} 原积分转入后累计 {points:,} 分，{result}"
    if path == "review":
        return f"{day} 经级别复核调整为{tier}"
    return f"{day} {result}"


def review_summary(*, name: str, number: str, held: str, supported: str) -> str:
    """What a manager is asked about a level that lost its ground; `supported` may be empty."""
    left = f"只支持{supported}" if supported else "已低于入会标准"
    return f"{name}（会员号 {number}）退费后积分{left}，现为{held}"


def yuan_text(amount: Decimal) -> str:
    """Yuan as people write them: no decimals on a round sum, digits in threes."""
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
