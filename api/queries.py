from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from members.exceptions import unknown_patient
from members.models import Membership, Patient
from members.queries import patient_by_file_number
from points.models import PointsEntry
from points.queries import standing
from rewards.exceptions import unknown_membership
from rewards.queries import entitlements_of_member
from rewards.rules import Entitlement, due
from scheme.queries import rules_on
from scheme.rules import ItemKind


@dataclass(frozen=True, slots=True)
class DueThing:
    """What the levels bring and is not yet issued or used; `expires_on`: the last day (ISO)."""

    code: str
    kind: ItemKind
    quantity: int
    expires_on: str | None


def due_things(membership_id: int | None, *, today: date) -> list[DueThing]:
    """What a member is due, several of one thing with one last day together."""
    if membership_id is None:
        return []
    found = due(entitlements_of_member(membership_id, today))
    counted = Counter((each.item, each.kind, each.expires_on) for each in found)
    return [
        DueThing(item, kind, count, last.isoformat() if last else None)
        for (item, kind, last), count in counted.items()
    ]


def entitlements_now(membership_number: str, *, today: date) -> Sequence[Entitlement]:
    """All that a member has or had by today, of merged files together. Raises Refusal 404."""
    named = Membership.objects.select_related("patient").filter(number=membership_number).first()
    if named is None:
        raise unknown_membership(membership_number)
    own = Membership.objects.get(patient=named.patient.root_id)
    return entitlements_of_member(own.pk, today)


@dataclass(frozen=True, slots=True)
class PatientNow:
    """A patient with membership, level and points."""

    file_number: str
    name: str
    membership_number: str | None
    tier: str | None
    cumulative_points: int
    available_points: int
    can_enrol: bool
    due: list[DueThing]


def patient_now(file_number: str, *, today: date) -> PatientNow:
    """Where the patient with this file number stands. Raises Refusal 404."""
    patient = _patient(file_number)
    members = Membership.objects.filter(patient=patient)
    stand = standing(patient.pk, day=today)
    rules = rules_on(today)
    return PatientNow(
        file_number=patient.file_number,
        name=patient.name,
        membership_number=members.values_list("number", flat=True).first(),
        tier=stand.tier,
        cumulative_points=stand.cumulative,
        available_points=stand.available,
        can_enrol=rules is not None and stand.can_enrol(rules),
        due=due_things(stand.membership_id, today=today),
    )


def ledger_of(file_number: str, *, as_of: datetime | None) -> list[PointsEntry]:
    """The patient's entries recorded up to `as_of`, oldest first. Raises Refusal 404."""
    entries = PointsEntry.objects.filter(account=_patient(file_number).pk).order_by("seq")
    return list(entries.filter(recorded_at__lte=as_of) if as_of else entries)


def _patient(file_number: str) -> Patient:
    patient = patient_by_file_number(file_number)
    if patient is None:
        raise unknown_patient(file_number)
    return patient
