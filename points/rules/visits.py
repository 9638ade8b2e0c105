"""Points for yuan, and what the receipts of one business day add up to (C16)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from scheme.rules import OneTimeScope, Rules, reached


@dataclass(frozen=True, slots=True)
class OneTime:
    """One 一次性消费 (C16): its day, net points and net yuan."""

    day: date
    points: int
    yuan: Decimal


@dataclass(frozen=True, slots=True)
class VisitDay:
    """A patient's net receipts of one business day: together, and the largest one alone."""

    total: OneTime
    largest: OneTime

    def one_time(self, scope: OneTimeScope) -> OneTime:
        """What counts as 一次性消费: the day's sum, or one receipt, as the scheme says (C16)."""
        return self.total if scope == "day" else self.largest


def together(*visits: VisitDay) -> tuple[VisitDay, ...]:
    """The visits of two files as those of one person: what was paid on one day adds up (C40)."""
    days: dict[date, VisitDay] = {}
    for visit in sorted(visits, key=lambda visit: visit.total.day):
        other = days.get(visit.total.day)
        days[visit.total.day] = _added(other, visit) if other else visit
    return tuple(days.values())


def _added(one: VisitDay, other: VisitDay) -> VisitDay:
    a, b = one.total, other.total
    largest = max(one.largest, other.largest, key=lambda paid: paid.points)
    return VisitDay(OneTime(a.day, a.points + b.points, a.yuan + b.yuan), largest)


def points_for(amount: Decimal, rate: int) -> int:
    """Points for net yuan paid at `rate` points a yuan: rounded down (R11, C17)."""
    return int((amount * rate).to_integral_value(ROUND_FLOOR))


def available_for(points: int, rules: Rules) -> int:
    """What of these points can be spent: all while 方案B is on, else none (C3)."""
    return points if rules.plan_b else 0


def best(visits: Iterable[VisitDay], scope: OneTimeScope) -> OneTime | None:
    """The largest 一次性消费, the earliest of equals."""
    found = (visit.one_time(scope) for visit in visits)
    return max(found, key=lambda one_time: one_time.points, default=None)


def best_points(visits: Iterable[VisitDay], scope: OneTimeScope) -> int:
    """The points of the largest 一次性消费; 0 without any."""
    found = best(visits, scope)
    return found.points if found else 0


def points_on(visits: Iterable[VisitDay], day: date) -> int:
    """Net points of one business day so far."""
    return sum(visit.total.points for visit in visits if visit.total.day == day)


def eligible_since(rules: Rules, visits: Iterable[VisitDay], *, before: int) -> date | None:
    """The first day on which the receipts, in order of days, allowed joining (R26).

    None where the points of the system before, `before`, were enough already (C2).
    """
    if reached(rules, one_time=0, cumulative=before):
        return None
    cumulative = before
    for visit in visits:
        cumulative += visit.total.points
        one_time = visit.one_time(rules.one_time_scope).points
        if reached(rules, one_time=one_time, cumulative=cumulative):
            return visit.total.day
    return None
