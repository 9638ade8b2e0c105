from collections.abc import Mapping
from datetime import datetime

from members.models import DetailsChange, Membership, Patient
from members.operations.patients import locked_file, save_patient
from members.queries.changes import last_change, record_of, seen_of
from members.rules.changes import (
    CHANGEABLE,
    Record,
    changed_fields,
    changed_record,
    shown_document,
)
from members.rules.enrolment import CONSENTS, GUARDIAN_FIELDS
from members.rules.faults import first_raised
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import SHANGHAI, business_day, text

_OF_FILE = ("name", "sex", "birth_date", "phone", "document_type", "id_number", "address")
_OF_MEMBERSHIP = (*CONSENTS, *GUARDIAN_FIELDS)


@operation
def change_details(
    *,
    patient_id: int,
    given: Mapping[str, object],
    seen: str,
    document_shown: str = "",
    note: str = "",
    by: User,
    now: datetime,
) -> DetailsChange:
    """Change what a file and its membership hold; only what differs is recorded (R30).

    `given` holds the fields to change, `seen` the mark of what the colleague looked at (see
    `members.queries.changes.seen_of`). Raises Refusal 404 for an unknown file; 409 when it was
    merged or changed meanwhile; 422 naming the field, for a member without a document shown, and
    when nothing would change.
    """
    patient = locked_file(patient_id)
    membership = _locked_membership(patient)
    before = record_of(patient, membership)
    if seen != seen_of(before):
        raise _changed_meanwhile(patient)
    after, faults = changed_record(given, before, today=business_day(now))
    first_raised(faults)
    fields = changed_fields(before, after)
    if not fields:
        raise Refusal("nothing_changed", 422, "没有改动任何内容，没有保存")
    shown = shown_document(document_shown, is_member=membership is not None)
    _save_file(patient, given, by, now)
    if membership:
        _save_membership(membership, after, fields)
    return DetailsChange.objects.create(
        patient=patient,
        membership=membership,
        document_shown=shown,
        fields=fields,
        note=text(note, field="note", label="说明", longest=200, required=False),
        changed_at=now,
        by=by,
    )


def _locked_membership(patient: Patient) -> Membership | None:
    members = Membership.objects.select_for_update(of=("self",), no_key=True)
    return members.filter(patient=patient).first()


def _changed_meanwhile(patient: Patient) -> Refusal:
    last = last_change(patient)
    at = patient.updated_at.astimezone(SHANGHAI)
    what = ""
    if last and last.changed_at == patient.updated_at:
        what = f"（{'、'.join(CHANGEABLE[field] for field in last.fields if field in CHANGEABLE)}）"
    message = (
        f"{patient.updated_by} 在 {at:%Y-%m-%d %H:%M} 改过这份档案{what}，您的修改还没有保存。"
        "下面是现在的内容和您填写的修改，请核对后再保存"
    )
    return Refusal("changed_meanwhile", 409, message)


def _save_file(patient: Patient, given: Mapping[str, object], by: User, now: datetime) -> None:
    own = {field: given[field] for field in _OF_FILE if field in given}
    if own:
        named = {"name": patient.name, **own}
        save_patient(file_number=patient.file_number, given=named, by=by, now=now)
    # Also when only the membership changes: its moment finds the old values again.
    Patient.objects.filter(pk=patient.pk).exclude(updated_at=now).update(
        updated_at=now, updated_by=by
    )


def _save_membership(membership: Membership, after: Record, fields: list[str]) -> None:
    changed = [field for field in fields if field in _OF_MEMBERSHIP]
    if not changed:
        return
    values = after.values()
    for field in changed:
        setattr(membership, field, values[field])
    membership.save(update_fields=changed)
