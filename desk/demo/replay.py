"""Writes histories into an empty database as staff would have: day by day, by the operations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from random import Random

from desk.demo.histories import Decision, History, Payment, Return
from desk.demo.people import Person
from desk.demo.staffing import Staff
from members.operations.patients import save_patients
from points.models import TierReview
from points.operations.enrolment import enrol
from points.operations.receipts import post_receipts, record_receipts
from points.operations.refunds import record_refund
from points.operations.reviews import decide_review
from points.rules import NewReceipt, NewRefund
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.rules import business_day


class Step(Enum):
    """What a patient does besides paying."""

    ARRIVES = "arrives"
    JOINS = "joins"


@dataclass(frozen=True)
class Event:
    """Something that a patient brings about."""

    at: datetime
    person: Person
    what: Step | Payment | Return | Decision


def events_of(person: Person, history: History) -> list[Event]:
    """One patient's history as events."""
    events = [Event(history.begins_at, person, Step.ARRIVES), *visits_of(person, history)]
    events += [Event(returned.at, person, returned) for returned in history.returns]
    if history.joins_at:
        events.append(Event(history.joins_at, person, Step.JOINS))
    if history.decision:
        events.append(Event(history.decision.at, person, history.decision))
    return events


def visits_of(person: Person, history: History) -> list[Event]:
    """What somebody pays whose file is there already."""
    return [Event(payment.at, person, payment) for payment in history.payments]


@dataclass
class Replay:
    """The books being written; files and receipts wait until somebody depends on them.

    What was paid before `today` stands as the rows of the file `past`.
    """

    staff: Staff
    random: Random
    today: date
    past: Import
    files: list[Person] = field(default_factory=list)
    receipts: list[NewReceipt] = field(default_factory=list)
    numbers: dict[Payment, str] = field(default_factory=dict)
    written: dict[tuple[str, date], int] = field(default_factory=dict)

    def run(self, events: Sequence[Event]) -> None:
        """Write all of it, in order of time."""
        previous = None
        for event in sorted(events, key=lambda event: event.at):
            if previous and self._cashier(previous.at) != self._cashier(event.at):
                self._flush(previous.at)
            self._write(event)
            previous = event
        if previous:
            self._flush(previous.at)

    def _write(self, event: Event) -> None:
        match event.what:
            case Payment() as payment:
                self.receipts.append(self._receipt(event.person, payment))
            case Return() as returned:
                self._flush(event.at)
                self._refund(returned)
            case Decision() as decision:
                self._decide(event.person, decision)
            case Step.JOINS:
                self._flush(event.at)
                self._join(event.person, event.at)
            case Step.ARRIVES:
                self.files.append(event.person)

    def _flush(self, now: datetime) -> None:
        if self.files:
            rows = [(person.file_number, person.file()) for person in self.files]
            _all_taken(save_patients(rows=rows, by=self.staff.front_desk, now=now))
        by = self._cashier(now)
        before = [new for new in self.receipts if business_day(new.paid_at) < self.today]
        _all_taken(post_receipts(rows=before, by=by, now=now, batch=self.past) if before else [])
        todays = [new for new in self.receipts if new not in before]
        _all_taken(record_receipts(rows=todays, by=by, now=now) if todays else [])
        self.files, self.receipts = [], []

    def _receipt(self, person: Person, payment: Payment) -> NewReceipt:
        self.numbers[payment] = self._number("SJ", business_day(payment.at))
        return NewReceipt(
            number=self.numbers[payment],
            file_number=person.file_number,
            amount=payment.amount,
            paid_at=payment.at,
            department=payment.treatment.department,
            doctor_number=payment.doctor,
            note=payment.treatment.name,
        )

    def _refund(self, returned: Return) -> None:
        record_refund(
            new=NewRefund(
                number=self._number("TF", business_day(returned.at)),
                receipt_number=self.numbers[returned.payment],
                amount=returned.amount,
                refunded_at=returned.at,
                reason=returned.reason,
            ),
            by=self._cashier(returned.at),
            now=returned.at,
        )

    def _join(self, person: Person, at: datetime) -> None:
        follow_up, post, activities = (self.random.random() < share for share in (0.85, 0.5, 0.7))
        form = person.registration(
            signed_on=business_day(at), consents=(follow_up, post, activities)
        )
        enrol(file_number=person.file_number, given=form, by=self.staff.member_admin, now=at)

    def _decide(self, person: Person, decision: Decision) -> None:
        waiting = TierReview.objects.waiting()
        review = waiting.get(membership__patient__file_number=person.file_number)
        decide_review(
            review_id=review.pk,
            decision=decision.decision,
            sentence=decision.sentence,
            by=self.staff.manager,
            now=decision.at,
        )

    def _cashier(self, at: datetime) -> User:
        """The two cashiers take turns month by month."""
        return self.staff.cashiers[business_day(at).month % 2]

    def _number(self, prefix: str, day: date) -> str:
        number = self.written[prefix, day] = self.written.get((prefix, day), 0) + 1
        return f"{prefix}{day:%Y%m%d}{number:04d}"


def _all_taken(results: Sequence[object]) -> None:
    for result in results:
        if isinstance(result, Refusal):
            raise result
