"""When and how somebody became able to join (R26)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from points.rules.levels import yuan_text
from points.rules.visits import VisitDay
from scheme.rules import Path, Rules, reached


@dataclass(frozen=True, slots=True)
class Chance:
    """What first allowed joining; `day` is None where the points of the system before did.

    `points` is the sum that was enough, `yuan` what was paid for it by the one-time path.
    """

    path: Path
    day: date | None
    points: int
    yuan: Decimal | None = None


def first_chance(rules: Rules, visits: Iterable[VisitDay], *, before: int) -> Chance | None:
    """What first allowed joining, receipts taken in order of days; None where nothing has yet.

    `before` are the points of the system before (C2). The day is that of `eligible_since`.
    """
    if reached(rules, one_time=0, cumulative=before):
        return Chance("legacy", None, before)
    cumulative = before
    for visit in visits:
        cumulative += visit.total.points
        paid = visit.one_time(rules.one_time_scope)
        found = reached(rules, one_time=paid.points, cumulative=cumulative)
        if found and found.path == "one_time":
            return Chance("one_time", paid.day, paid.points, paid.yuan)
        if found:
            return Chance("cumulative", paid.day, cumulative)
    return None


def chance_sentence(chance: Chance | None) -> str:
    """By which path somebody may join; None is a hospital that lets everybody (C1)."""
    if chance is None:
        return "所有病人都可以入会"
    if chance.yuan is not None:
        return f"一次性消费 {yuan_text(chance.yuan)} 元"
    return f"{'原积分' if chance.path == 'legacy' else '累计积分达到'} {chance.points:,} 分"
