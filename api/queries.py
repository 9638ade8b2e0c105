from dataclasses import dataclass
from datetime import date, datetime

from members.models import Membership, Patient
from points.models import PointsEntry
from points.queries import standing
from scheme.queries import rules_on
from staff.exceptions import Refusal


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


def patient_now(file_number: str, *, today: date) -> PatientNow:
    """Where the patient with this file number stands. Raises Refusal 404."""
    patient = _patient(file_number)
    members = Membership.objects.filter(patient=patient)
    stand = standing(patient.pk)
    rules = rules_on(today)
    return PatientNow(
        file_number=patient.file_number,
        name=patient.name,
        membership_number=members.values_list("number", flat=True).first(),
        tier=stand.tier,
        cumulative_points=stand.cumulative,
        available_points=stand.available,
        can_enrol=rules is not None and stand.can_enrol(rules),
    )


def ledger_of(file_number: str, *, as_of: datetime | None) -> list[PointsEntry]:
    """The patient's entries recorded up to `as_of`, oldest first. Raises Refusal 404."""
    entries = PointsEntry.objects.filter(account=_patient(file_number).pk).order_by("seq")
    return list(entries.filter(recorded_at__lte=as_of) if as_of else entries)


def _patient(file_number: str) -> Patient:
    patient = Patient.objects.filter(file_number=file_number).first()
    if patient is None:
        message = f"没有档案号为 {file_number} 的病人，请核对或先建档案"
        raise Refusal("unknown_patient", 404, message, "file_number")
    return patient
