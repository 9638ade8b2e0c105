"""What happened to invented patients in two years, in order: visits, payments, joining."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from desk.demo import people
from desk.demo.staffing import DOCTORS
from desk.demo.stories import STORIES, Story
from desk.demo.treatments import (
    ADULTS,
    MINORS,
    TEETH_IN_LINE,
    TREATMENTS,
    Course,
    Treatment,
)
from points.models import TierReview
from points.rules import points_for
from scheme.rules import Rules, can_enrol
from staff.rules import SHANGHAI, business_day

DAYS = 730


@dataclass(frozen=True, eq=False)
class Payment:
    """A receipt to be; `doctor` is a staff number."""

    at: datetime
    treatment: Treatment
    amount: Decimal
    doctor: str


@dataclass(frozen=True)
class Return:
    """Money to be given back on a payment."""

    at: datetime
    payment: Payment
    amount: Decimal
    reason: str


@dataclass(frozen=True)
class Decision:
    """A manager's word on the review that the returns opened."""

    at: datetime
    decision: TierReview.Decision
    sentence: str


@dataclass(frozen=True)
class History:
    """All that one patient does, by time."""

    trait: str
    payments: tuple[Payment, ...]
    joins_at: datetime | None
    returns: tuple[Return, ...] = ()
    decision: Decision | None = None

    @property
    def begins_at(self) -> datetime:
        """When the patient first stands at the front desk."""
        return self.payments[0].at - timedelta(minutes=25)


class Historian:
    """Writes histories, the same ones for the same random numbers and the same day."""

    def __init__(self, random: Random, *, now: datetime, rules: Rules) -> None:
        self.random = random
        self.now = now
        self.today = business_day(now)
        self.rules = rules

    def write(self, count: int) -> list[History]:
        """The stories and as many everyday histories as make up `count`, oldest first."""
        told = [self._told(story) for story in STORIES]
        everyday = [
            self._everyday(minor=self.random.random() < 0.13) for _ in range(count - len(told))
        ]
        return sorted(told + everyday, key=lambda history: history.begins_at)

    def followed(self, count: int) -> list[History]:
        """Everyday histories of people who were members before."""
        histories = [self._everyday(minor=False) for _ in range(count)]
        return [replace(history, joins_at=None) for history in histories]

    def _told(self, story: Story) -> History:
        payments = self._payments(
            (self._day(ago), TREATMENTS[treatment], Decimal(yuan))
            for ago, treatment, yuan in story.visits
        )
        return History(
            trait=story.trait,
            payments=payments,
            joins_at=None if story.joins is None else _after(payments, self._day(story.joins)),
            returns=tuple(
                Return(self._at(self._day(ago), 17), payments[which], Decimal(yuan), reason)
                for ago, which, yuan, reason in story.returns
            ),
            decision=self._decision(story),
        )

    def _decision(self, story: Story) -> Decision | None:
        if story.decided is None:
            return None
        ago, decision, sentence = story.decided
        at = min(self._at(self._day(ago), 11), self.now)
        return Decision(at, decision, sentence)

    def _everyday(self, *, minor: bool) -> History:
        payments: tuple[Payment, ...] = ()
        # A course that begins today may lie wholly ahead of this hour.
        while not payments:
            due = [line for course in self._courses(minor=minor) for line in self._followed(course)]
            payments = self._payments(sorted(due, key=lambda line: line[0]))
        return History(
            trait=people.MINOR if minor else people.ADULT,
            payments=payments,
            joins_at=self._joins_at(payments),
        )

    def _courses(self, *, minor: bool) -> Sequence[Course]:
        offered = MINORS if minor else ADULTS
        weights = [weight for weight, _ in offered]
        number = self.random.choices((1, 2, 3, 4, 5), (4, 5, 5, 3, 2))[0]
        chosen = self.random.choices([course for _, course in offered], weights, k=number)
        return [course for course in chosen if course is not TEETH_IN_LINE] + [
            TEETH_IN_LINE for _ in range(TEETH_IN_LINE in chosen)
        ]

    def _followed(self, course: Course) -> list[tuple[date, Treatment, Decimal]]:
        """The steps of a course that lie before today, most of them on weekdays."""
        day = self.today - timedelta(days=self.random.randint(0, DAYS))
        due: list[tuple[date, Treatment, Decimal]] = []
        for gap, treatments in course:
            day = self._working_day(
                day + timedelta(days=gap + gap * self.random.randint(0, 3) // 9)
            )
            if day > self.today or due and self.random.random() < 0.04:
                break
            for name in treatments:
                due.append((day, TREATMENTS[name], self._price(TREATMENTS[name])))
        return due

    def _working_day(self, day: date) -> date:
        if day.weekday() >= 5 and self.random.random() < 0.65:
            return day + timedelta(days=7 - day.weekday() + self.random.randint(0, 4))
        return day

    def _price(self, treatment: Treatment) -> Decimal:
        yuan = Decimal(self.random.randint(treatment.lowest, treatment.highest))
        if yuan >= 1000:
            return yuan // 20 * 20
        # Some pay the rest that the insurance leaves: jiao and fen.
        cents = self.random.choice(("0", "0", "0", "0.5", "0.8", "0.36", "0.74"))
        return yuan + Decimal(cents)

    def _payments(self, due: Iterable[tuple[date, Treatment, Decimal]]) -> tuple[Payment, ...]:
        payments: list[Payment] = []
        for day, treatment, amount in due:
            earlier = payments[-1].at if payments and business_day(payments[-1].at) == day else None
            at = earlier + self._while() if earlier else self._at(day, self.random.randint(8, 15))
            if at < self.now:
                payments.append(Payment(at, treatment, amount, self._doctor(treatment)))
        return tuple(payments)

    def _joins_at(self, payments: Sequence[Payment]) -> datetime | None:
        """On the first day that allows it, on a later visit, or never."""
        allowed = self._allowing(payments)
        if not allowed or self.random.random() < 0.18:
            return None
        day = allowed[0] if self.random.random() < 0.75 else self.random.choice(allowed)
        joins_at = _after(payments, day)
        return joins_at if joins_at < self.now else None

    def _allowing(self, payments: Sequence[Payment]) -> list[date]:
        cumulative, by_day = 0, dict[date, int]()
        allowed = []
        for payment in payments:
            day = business_day(payment.at)
            points = points_for(payment.amount, self.rules.points_per_yuan)
            cumulative += points
            by_day[day] = by_day.get(day, 0) + points
            one_time = max(by_day.values())
            if can_enrol(self.rules, one_time=one_time, cumulative=cumulative):
                allowed.append(day)
        return allowed

    def _doctor(self, treatment: Treatment) -> str:
        return self.random.choice(
            [number for number, _, department in DOCTORS if department == treatment.department]
        )

    def _while(self) -> timedelta:
        return timedelta(minutes=self.random.randint(4, 40))

    def _at(self, day: date, hour: int) -> datetime:
        if day == self.today:
            return self._lately()
        minute, second = self.random.randint(0, 59), self.random.randint(0, 59)
        return datetime.combine(day, time(hour, minute, second), SHANGHAI)

    def _lately(self) -> datetime:
        """Today, in the hours before now."""
        midnight = datetime.combine(self.today, time(), SHANGHAI)
        begin = max(midnight, self.now - timedelta(hours=4))
        return begin + (self.now - begin) * self.random.random()

    def _day(self, ago: int) -> date:
        return self.today - timedelta(days=ago)


def _after(payments: Sequence[Payment], day: date) -> datetime:
    """A little after the last payment of the day."""
    last = max(payment.at for payment in payments if business_day(payment.at) == day)
    return last + timedelta(minutes=12)
