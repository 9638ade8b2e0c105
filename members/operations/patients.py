from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models.functions import Coalesce

from members import rules
from members.models import Membership, Patient, keyed_hash
from members.operations.names import rewrite_search_keys, write_search_keys
from staff import rules as values
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import CHANGED, NEW, SAME

_OPENING_FILES = 7_003_001
_OWN_COLUMNS = (
    "name",
    "sex",
    "birth_date",
    "phone",
    "phone_index",
    "phone_last4",
    "document_type",
    "document_number",
    "document_index",
    "document_last4",
    "address",
    "updated_at",
    "updated_by",
)


@dataclass(frozen=True)
class SavedPatient:
    """A patient file after saving, and whether that was `new`, `changed` or the `same`."""

    patient: Patient
    outcome: str


@operation
def save_patient(
    *, file_number: str, given: Mapping[str, object], by: User, now: datetime
) -> SavedPatient:
    """Open the patient file or change it: a missing key leaves the field, None clears it.

    Raises Refusal 422 naming the field, 409 when a member's document is another member's.
    """
    (saved,) = save_patients(rows=[(file_number, given)], by=by, now=now)
    if isinstance(saved, Refusal):
        raise saved
    return saved


@operation
def save_patients(
    *, rows: Sequence[tuple[str, Mapping[str, object]]], by: User, now: datetime
) -> list[SavedPatient | Refusal]:
    """Save many files in one transaction, each row judged by itself, in a few statements.

    A file number that stands twice is saved in the order of the rows; that of a merged file saves
    the file that it was merged into (C40).
    """
    known = locked_files(file_number for file_number, _ in rows)
    names = {patient.pk: patient.name for patient in known.values()}
    taken = _documents_of_members(known.values())
    fresh: dict[str, Patient] = {}
    changed: dict[int, Patient] = {}
    results: list[SavedPatient | Refusal] = []
    for file_number, given in rows:
        patient = known.get(file_number) or fresh.get(file_number)
        try:
            saved = _saved(patient, file_number, given, taken, by, now)
        except Refusal as refusal:
            results.append(refusal)
            continue
        results.append(saved)
        if saved.outcome == NEW:
            fresh[file_number] = saved.patient
        elif saved.outcome == CHANGED and file_number in known:
            changed[saved.patient.pk] = saved.patient
    write_search_keys(Patient.objects.bulk_create(fresh.values()))
    if changed:
        Patient.objects.bulk_update(changed.values(), _OWN_COLUMNS)
        rewrite_search_keys(file for file in changed.values() if file.name != names[file.pk])
    return results


def locked_file(patient_id: int) -> Patient:
    """A file that stands for a person, locked.

    Raises Refusal 404 when there is none, 409 for one that was merged into another.
    """
    found = Patient.objects.select_for_update(of=("self",), no_key=True).filter(pk=patient_id)
    patient = found.select_related("merged_into").first()
    if patient is None:
        raise Refusal("unknown_patient", 404, "没有这份档案，请核对")
    if patient.merged_into_id:
        message = f"这份档案已并入档案 {patient.merged_into}，请在那份档案上办理"
        raise Refusal("merged_already", 409, message)
    return patient


def locked_files(file_numbers: Iterable[str]) -> dict[str, Patient]:
    """The files that stand for these numbers, locked; an unknown number is not among them."""
    wanted = set(file_numbers)
    known = _lock(wanted)
    if missing := wanted - known.keys():
        # Two requests may open the same file: the second waits here and then finds it.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_OPENING_FILES])
        known |= _lock(missing)
    return known


def _lock(file_numbers: set[str]) -> dict[str, Patient]:
    named = Patient.objects.filter(file_number__in=file_numbers)
    roots = dict(named.values_list("file_number", Coalesce("merged_into", "pk")))
    found = Patient.objects.filter(pk__in=set(roots.values())).order_by("pk")
    locked = {patient.pk: patient for patient in found.select_for_update(of=("self",), no_key=True)}
    known = {number: locked[root] for number, root in roots.items()}
    merged_meanwhile = {number for number, patient in known.items() if patient.merged_into_id}
    return known | _lock(merged_meanwhile) if merged_meanwhile else known


def _documents_of_members(patients: Iterable[Patient]) -> dict[int, tuple[str, str]]:
    members = Membership.objects.filter(patient__in=list(patients))
    return {
        patient: (kind, index)
        for patient, kind, index in members.values_list(
            "patient_id", "document_type", "document_index"
        )
    }


def _saved(
    patient: Patient | None,
    file_number: str,
    given: Mapping[str, object],
    members: dict[int, tuple[str, str]],
    by: User,
    now: datetime,
) -> SavedPatient:
    base = patient.details() if patient else rules.PatientDetails()
    details = rules.details_from(given, base, today=values.business_day(now))
    if patient and details == base:
        return SavedPatient(patient, SAME)
    if patient and patient.pk in members:
        _check_members_document(patient.pk, details)
    target = patient or Patient(file_number=file_number)
    _write(target, details, by, now)
    return SavedPatient(target, CHANGED if patient else NEW)


def _check_members_document(patient_id: int, details: rules.PatientDetails) -> None:
    if not details.document_number:
        raise Refusal("membership_has_document", 409, "会员必须留有证件号码", "id_number")
    index = keyed_hash(details.document_type, details.document_number)
    others = Membership.objects.exclude(patient=patient_id)
    if others.filter(document_type=details.document_type, document_index=index).exists():
        message = "该证件已是另一位会员的证件，一人只能有一个会员"
        raise Refusal("membership_one_person_one_member", 409, message, "id_number")


def _write(patient: Patient, details: rules.PatientDetails, by: User, now: datetime) -> None:
    patient.name = details.name
    patient.sex = details.sex
    patient.birth_date = details.birth_date
    patient.phone = details.phone
    patient.phone_index = keyed_hash("phone", details.phone)
    patient.phone_last4 = details.phone[-4:]
    patient.document_type = details.document_type
    patient.document_number = details.document_number
    patient.document_index = keyed_hash(details.document_type, details.document_number)
    patient.document_last4 = details.document_number[-4:]
    patient.address = details.address
    patient.updated_at = now
    patient.updated_by = by
