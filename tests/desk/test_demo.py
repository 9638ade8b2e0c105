"""What the demonstration invents, before anything is written."""

from datetime import date, datetime
from random import Random

from desk.demo.histories import Historian, History
from desk.demo.names import UNUSUAL
from desk.demo.people import ADULT, MINOR, Inventor, Person
from desk.demo.stories import STORIES
from members.rules import PatientDetails, age_on, details_from, enrolment_form
from tests.factories.scheme import rules

NOW = datetime.fromisoformat("2026-11-22T14:30+08:00")


def histories(seed: int) -> list[History]:
    return Historian(Random(seed), now=NOW, rules=rules()).write(len(STORIES) + 60)


def people(seed: int, trait: str = ADULT) -> list[Person]:
    inventor = Inventor(Random(seed), today=NOW.date())
    return [inventor.invent(trait) for _ in range(120)]


def receipts(found: list[History]) -> list[tuple[datetime, str]]:
    return [(payment.at, str(payment.amount)) for one in found for payment in one.payments]


def test_the_same_seed_invents_the_same() -> None:
    assert receipts(histories(1)) == receipts(histories(1))
    assert people(1) == people(1)


def test_another_seed_invents_something_else() -> None:
    assert receipts(histories(1)) != receipts(histories(2))
    assert people(1) != people(2)


def test_nothing_lies_ahead() -> None:
    for history in histories(1):
        assert all(payment.at < NOW for payment in history.payments)
        assert history.joins_at is None or history.joins_at < NOW
        assert all(returned.at < NOW for returned in history.returns)


def test_weekdays_are_busier_than_weekends() -> None:
    days = [at.weekday() for at, _ in receipts(histories(1))]
    weekend = sum(day >= 5 for day in days)
    assert weekend / 2 < (len(days) - weekend) / 5 / 2


def test_every_unusual_name_is_given() -> None:
    assert {name for name, _ in UNUSUAL} <= {person.name for person in people(1)}


def test_every_file_and_form_is_one_that_the_rules_take() -> None:
    signed_on = date(2026, 11, 20)
    for person in [*people(1), *people(1, MINOR)]:
        details = details_from(person.file(), PatientDetails(), today=NOW.date())
        assert details.birth_date == person.birth_date
        form = person.registration(signed_on=signed_on, consents=(True, False, True))
        assert enrolment_form(form, today=NOW.date()).signed_on == signed_on


def test_a_minor_is_one_with_a_guardian() -> None:
    for person in people(1, MINOR):
        assert age_on(NOW.date(), person.birth_date) < 18
        assert person.guardian and all(person.guardian)
