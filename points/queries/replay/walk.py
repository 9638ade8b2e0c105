from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from points.models import TierReached, TierReview
from points.queries.replay.rows import Decision, Level, Line, Review, level_of
from points.queries.replay.versions import InForce
from points.rules import (
    Cause,
    LastReview,
    OneTime,
    VisitDay,
    best,
    best_points,
    cause_of,
    needs_review,
    points_for,
)
from scheme.rules import Reached, Rules, TierRule, reached, tier_for
from staff.models import Approval
from staff.rules import SHANGHAI, business_day


class _Paid:
    """What is left of a receipt."""

    __slots__ = ("day", "entry_id", "points", "rate", "yuan")

    def __init__(self, entry_id: int, day: date, yuan: Decimal, rate: int) -> None:
        self.entry_id, self.day, self.yuan, self.rate = entry_id, day, yuan, rate
        self.points = points_for(yuan, rate)

    def give_back(self, yuan: Decimal) -> None:
        self.yuan -= yuan
        self.points = points_for(self.yuan, self.rate)

    @property
    def one_time(self) -> OneTime:
        return OneTime(self.day, self.points, self.yuan)


class _Crossing(NamedTuple):
    cumulative: int
    entry_id: int
    day: date
    legacy: bool


class Replay:
    """Walks through one member's history; `levels` and `reviews` are what should be stored.

    `recovered` are the entries of reviews decided so that what the level gave comes back.
    """

    def __init__(self, versions: InForce, joined_on: date, enrolled_at: datetime) -> None:
        self.levels: list[Level] = []
        self.reviews: list[Review] = []
        self.recovered: set[int] = set()
        self._versions = versions
        self._joined_on, self._enrolled_at = joined_on, enrolled_at
        self._enrolled = False
        self._rank = 0
        self._paid: dict[int, _Paid] = {}
        self._days: defaultdict[date, list[_Paid]] = defaultdict(list)
        self._crossings: list[_Crossing] = []
        self._cumulative = 0
        self._places: list[int] = []
        self._decided: dict[int, str] = {}

    def walk(self, lines: Iterable[Line], decisions: Sequence[Decision]) -> None:
        """All entries in order, the enrolment and the decisions each at their moment."""
        waiting = sorted(decisions, key=lambda decision: decision.decided_at)
        for line in lines:
            if not self._enrolled and line.placed_at > self._enrolled_at:
                self._enrol()
            while waiting and waiting[0].decided_at < line.placed_at:
                self._decide(waiting.pop(0))
            self._take(line)
        if not self._enrolled:
            self._enrol()
        for decision in waiting:
            self._decide(decision)

    def _take(self, line: Line) -> None:
        if line.refund:
            self._refund(line)
        elif line.receipt_id is None:
            self._open(line)
        else:
            self._earn(line, line.receipt_id)

    @property
    def _held(self) -> list[Level]:
        return [level for level in self.levels if level.withdrawn_by_id is None]

    def _visits(self) -> list[VisitDay]:
        return [_visit([paid.one_time for paid in self._days[day]]) for day in sorted(self._days)]

    def _hold(self, level: Level) -> None:
        self.levels.append(level)
        self._rank = max(self._rank, level.rank)

    def _open(self, line: Line) -> None:
        """Points of the system before: they count towards the total, not as a visit (C2)."""
        self._cumulative += int(line.amount)
        rules = self._crossed(line, legacy=True)
        if rules is None:
            return
        found = reached(rules, one_time=0, cumulative=self._cumulative)
        if found and found.tier.rank > self._rank:
            legacy = Reached(found.tier, "legacy")
            self._reach(line, legacy, OneTime(line.day, 0, Decimal(0)), rules)

    def _earn(self, line: Line, receipt_id: int) -> None:
        rate = self._versions.rate(line.rate)
        paid = self._paid[receipt_id] = _Paid(line.entry_id, line.day, line.amount, rate)
        that_day = self._days[line.day]
        that_day.append(paid)
        self._cumulative += paid.points
        rules = self._crossed(line)
        if rules is None or self._rank >= rules.tiers[-1].rank:
            return
        counted = that_day if rules.one_time_scope == "day" else [paid]
        points = sum([one.points for one in counted])
        found = reached(rules, one_time=points, cumulative=self._cumulative)
        if found and found.tier.rank > self._rank:
            yuan = sum((one.yuan for one in counted), Decimal(0))
            self._reach(line, found, OneTime(line.day, points, yuan), rules)

    def _crossed(self, line: Line, *, legacy: bool = False) -> Rules | None:
        """The rules of a line that may raise the level; before the enrolment, none does yet."""
        if not self._enrolled:
            crossing = _Crossing(self._cumulative, line.entry_id, line.day, legacy)
            self._crossings.append(crossing)
            return None
        return self._versions.of(line.scheme_id)

    def _reach(self, line: Line, found: Reached, one_time: OneTime, rules: Rules) -> None:
        cause = cause_of(
            found,
            one_time,
            entry_id=line.entry_id,
            scheme_id=rules.stored_id,
            cumulative=self._cumulative,
        )
        self._hold(level_of(cause, cause.day))

    def _enrol(self) -> None:
        self._enrolled = True
        rules = self._versions.rules(self._joined_on, self._known_at())
        if rules is None:
            return
        one_time = best(self._visits(), rules.one_time_scope)
        points = one_time.points if one_time else 0
        found = reached(rules, one_time=points, cumulative=self._cumulative)
        if found:
            cause = self._cause_in_history(found, one_time, rules)
            self._hold(level_of(cause, self._joined_on)._replace(at_enrolment=True))

    def _known_at(self) -> datetime:
        """When the rules of joining were looked up: at the enrolment, not before its day."""
        day_begins = datetime.combine(self._joined_on, time(), SHANGHAI)
        return max(self._enrolled_at, day_begins)

    def _cause_in_history(self, found: Reached, one_time: OneTime | None, rules: Rules) -> Cause:
        cumulative = 0
        if found.path == "one_time" and one_time:
            entry_id = self._entry_of_visit(one_time.day, rules)
        else:
            crossing = next(
                line for line in self._crossings if line.cumulative >= found.tier.cumulative
            )
            cumulative, entry_id = crossing.cumulative, crossing.entry_id
            one_time = OneTime(crossing.day, 0, Decimal(0))
            found = Reached(found.tier, "legacy") if crossing.legacy else found
        return cause_of(
            found,
            one_time,
            entry_id=entry_id,
            scheme_id=rules.stored_id,
            cumulative=cumulative,
        )

    def _entry_of_visit(self, day: date, rules: Rules) -> int:
        paid = [paid for paid in self._days[day] if paid.points]
        if rules.one_time_scope == "day":
            return paid[-1].entry_id
        return max(paid, key=lambda one: one.points).entry_id

    def _refund(self, line: Line) -> None:
        assert line.refund is not None
        if line.receipt_id in self._paid:
            paid = self._paid[line.receipt_id]
            self._cumulative -= paid.points
            paid.give_back(line.refund)
            self._cumulative += paid.points
        known_at = max(line.placed_at, line.refunded_at)
        rules = self._versions.rules(business_day(line.refunded_at), known_at)
        if not self._enrolled or not self._held or rules is None:
            return
        supported = self._supported(rules)
        top = max(self._held, key=lambda level: level.rank)
        last = self._last_review()
        if needs_review(tier=top.tier, rank=top.rank, supported=supported, last=last):
            code = supported.code if supported else ""
            kind = Approval.Kind.TIER_REVIEW.value
            self.reviews.append(Review(line.entry_id, top.tier, code, kind, line.by_id))
            self._places.append(line.place)

    def _supported(self, rules: Rules) -> TierRule | None:
        one_time = best_points(self._visits(), rules.one_time_scope)
        return tier_for(rules, one_time=one_time, cumulative=self._cumulative)

    def _last_review(self) -> LastReview | None:
        if not self.reviews:
            return None
        last = self.reviews[-1]
        decision = self._decided.get(len(self.reviews) - 1, "")
        kept = decision == TierReview.Decision.KEEP
        return LastReview(last.tier, last.supported_tier, waits=decision == "", kept=kept)

    def _question(self, made: Decision) -> int | None:
        """Which of the reviews this is the answer to; None where it is not asked any more."""
        for number, (review, place) in enumerate(zip(self.reviews, self._places, strict=True)):
            if (place, review.tier, review.supported_tier) == made[2:5]:
                return number
        return None

    def _decide(self, made: Decision) -> None:
        number = self._question(made)
        if number is None:
            return
        self._decided[number] = made.decision
        day = business_day(made.said_at)
        rules = self._versions.rules(day, max(made.decided_at, made.said_at))
        if made.decision == TierReview.Decision.KEEP or rules is None:
            return
        left = self._supported(rules) or rules.tiers[0]
        if left.rank < self._rank:
            self._take_back(left, self.reviews[number], made, rules)

    def _take_back(self, left: TierRule, review: Review, made: Decision, rules: Rules) -> None:
        self.levels = [
            level._replace(withdrawn_by_id=made.review_id)
            if level.withdrawn_by_id is None and level.rank > left.rank
            else level
            for level in self.levels
        ]
        self._rank = max((level.rank for level in self._held), default=0)
        if made.decision == TierReview.Decision.RECOVER:
            self.recovered.add(review.entry_id)
        if all(level.tier != left.code for level in self._held):
            day, path = business_day(made.said_at), TierReached.Path.REVIEW.value
            entry_id = review.entry_id
            cause = Cause(left, path, entry_id, rules.stored_id, day, self._cumulative, None)
            self._hold(level_of(cause, day))


def _visit(receipts: Sequence[OneTime]) -> VisitDay:
    if len(receipts) == 1:
        return VisitDay(receipts[0], receipts[0])
    day = receipts[0].day
    return VisitDay(
        OneTime(
            day,
            sum(one.points for one in receipts),
            sum((one.yuan for one in receipts), Decimal(0)),
        ),
        OneTime(day, max(one.points for one in receipts), max(one.yuan for one in receipts)),
    )
