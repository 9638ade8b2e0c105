"""A household on its page and on the member page, with how long each child counts as one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from desk.queries.patients import age
from members.models import HouseholdPerson, Patient
from members.queries.households import household_of
from rewards.rules import child_until
from scheme.rules import Rules


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody of a household; `until` is the last day for a child's items, None for adults."""

    row: HouseholdPerson
    patient: Patient
    age: int | None
    until: date | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Family:
    """Who belongs to a patient's household now, adults first, and who has left it."""

    live: tuple[Relative, ...]
    left: tuple[HouseholdPerson, ...]

    def person(self, pk: int) -> Relative | None:
        """The one of `live` with this row's key."""
        return next((person for person in self.live if person.row.pk == pk), None)


def family_of(root_id: int, rules: Rules | None, *, today: date) -> Family:
    """The household of a patient under the rules in force; one statement."""
    found = household_of(root_id)
    return Family(tuple(_relatives(found.live, rules, today)), tuple(found.left))


def last_child_day(patient: Patient, rules: Rules | None) -> date | None:
    """The last day on which a child's items are for this patient; None while that is open."""
    if rules is None or patient.birth_date is None:
        return None
    return child_until(patient.birth_date, rules)


def _relatives(
    rows: Iterable[HouseholdPerson], rules: Rules | None, today: date
) -> Iterable[Relative]:
    for row in rows:
        patient = row.patient.merged_into or row.patient
        until = last_child_day(patient, rules) if row.is_child else None
        yield Relative(
            row=row,
            patient=patient,
            age=age(patient, today),
            until=until,
            is_over=until is not None and until < today,
        )
