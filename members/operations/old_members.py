"""Members from before the system, with the numbers and days that they have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import Q

from members import rules
from members.models import Membership, Patient, keyed_hash
from members.operations.cards import make_first_cards
from members.operations.memberships import lock_numbers
from members.operations.patients import locked_files, save_patients
from members.rules.enrolment import CONSENTS, GUARDIAN_FIELDS
from members.rules.old_members import OldMember, check_guardian, old_member
from scheme.queries import first_day
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.refusals import operation
from staff.rules import CHANGED, NEW, SAME, business_day
from staff.spreadsheets import Column, Row, cells

_YES_NO = ("是", "否")

MEMBER_COLUMNS = (
    Column("档案号", "file_number", required=True, note="先导入病人档案", example="00001"),
    Column("会员号", "number", required=True, note="原来的会员号，保留不变", example="VIP0001"),
    Column("入会日期", "joined_on", required=True, note="年月日", example="2016-05-20"),
    Column(
        "证件类型",
        "document_type",
        note="空着表示居民身份证",
        choices=tuple(rules.DOCUMENT_TYPES.values()),
    ),
    Column("证件号", "id_number", required=True, example="530302198511230019"),
    Column("电话", "phone", note="手机或带区号的座机", example="13900001111"),
    Column("家庭住址", "address", example="曲靖市麒麟区"),
    *(Column(label, name, note="空着表示否", choices=_YES_NO) for name, label in CONSENTS.items()),
    Column("签字日期", "signed_on", note="空着表示入会当天", example="2016-05-20"),
    Column("监护人姓名", "guardian_name", note="未满 18 岁须填"),
    Column("与会员的关系", "guardian_relation", note="未满 18 岁须填", example="母亲"),
    Column("监护人电话", "guardian_phone", note="未满 18 岁须填", example="13900001111"),
)
_READ: dict[str, Callable[[str], str]] = {
    "file_number": partial(cells.identifier, field="file_number", label="档案号"),
    "number": partial(cells.identifier, field="number", label="会员号"),
    "joined_on": cells.day_text,
    "signed_on": cells.day_text,
    "id_number": partial(cells.number_text, field="id_number", label="证件号"),
    "phone": partial(cells.number_text, field="phone", label="电话"),
    "guardian_phone": partial(cells.number_text, field="guardian_phone", label="监护人电话"),
}
_REQUIRED = {"file_number": "档案号", "number": "会员号"}
_ANSWERS = (*CONSENTS, *GUARDIAN_FIELDS)


@dataclass(frozen=True, slots=True)
class SavedMember:
    """The membership of a row, and whether it was `new`, `changed` or the `same`."""

    membership: Membership
    outcome: str


@operation
def import_memberships(
    *, rows: Sequence[Row], by: User, now: datetime, batch: Import
) -> list[SavedMember | Refusal]:
    """Save rows of a file of members, each judged by itself; new ones keep number and day.

    Nobody's points are asked for. An empty cell leaves what is known; for a new member an empty
    consent is 否, an empty 签字日期 the day of joining. A row that says another number, day or
    document than what is known is refused. Raises the Refusal of a file that cannot be saved:
    nothing is written then, and the caller finds the row by saving fewer.
    """
    today, first = business_day(now), first_day()
    parsed = [_parsed(row, first, today) for row in rows]
    known = _known([row for row in parsed if isinstance(row, OldMember)])
    judged = [_judged(row, known, by, batch, today) for row in parsed]
    for saved in save_patients(rows=list(known.given.items()), by=by, now=now):
        if isinstance(saved, Refusal):
            raise saved
    Membership.objects.bulk_create(known.fresh)
    make_first_cards(memberships=known.fresh, by=by, now=now)
    if known.changed:
        Membership.objects.bulk_update(known.changed.values(), _ANSWERS)
    return judged


def _parsed(row: Row, first: date | None, today: date) -> OldMember | Refusal:
    try:
        if first is None:
            raise Refusal("before_first_scheme", 422, "会员方案尚未开始，请先发布会员规则")
        given = {name: _READ.get(name, str)(said) for name, said in row.fields().items()}
        for name, label in _REQUIRED.items():
            if name not in given:
                raise Refusal("required", 422, f"请填写{label}", name)
        return old_member(given, first_day=first, today=today)
    except Refusal as refusal:
        return refusal


@dataclass(slots=True)
class _Known:
    """Files and members as they are after the rows so far, and what is still to be written."""

    files: dict[str, Patient]
    details: dict[int, rules.PatientDetails] = field(default_factory=dict)
    by_patient: dict[int, Membership] = field(default_factory=dict)
    by_number: dict[str, Membership] = field(default_factory=dict)
    by_document: dict[tuple[str, str], Membership] = field(default_factory=dict)
    given: dict[str, dict[str, object]] = field(default_factory=dict)
    fresh: list[Membership] = field(default_factory=list)
    changed: dict[int, Membership] = field(default_factory=dict)

    def add(self, member: Membership) -> None:
        self.by_patient[member.patient_id] = member
        self.by_number[member.number] = member
        self.by_document[member.document_type, member.document_index] = member


def _known(rows: Sequence[OldMember]) -> _Known:
    known = _Known(locked_files(row.file_number for row in rows))
    lock_numbers()
    documents = [keyed_hash(row.document_type, row.document_number) for row in rows]
    found = Membership.objects.filter(
        Q(patient__in=known.files.values())
        | Q(number__in=[row.number for row in rows])
        | Q(document_index__in=documents)
    )
    for member in found.select_related("patient"):
        known.add(member)
    return known


def _judged(
    row: OldMember | Refusal, known: _Known, by: User, batch: Import, today: date
) -> SavedMember | Refusal:
    if isinstance(row, Refusal):
        return row
    try:
        if (patient := known.files.get(row.file_number)) is None:
            message = f"没有档案号为 {row.file_number} 的病人，请先导入病人档案"
            raise Refusal("unknown_patient", 404, message, "file_number")
        base = known.details.get(patient.pk) or patient.details()
        member = known.by_patient.get(patient.pk)
        _check_same(row, patient, base, member)
        _check_unique(row, patient, known)
        given = _given(row, base)
        details = rules.details_from(given, base, today=today)
        check_guardian(row, details.birth_date, today=today)
    except Refusal as refusal:
        return refusal
    if details != base:
        known.details[patient.pk] = details
        known.given.setdefault(patient.file_number, {}).update(given)
    return _saved(row, patient, member, details != base, known, by, batch)


def _check_same(
    row: OldMember, patient: Patient, base: rules.PatientDetails, member: Membership | None
) -> None:
    if member and (member.number, member.joined_on) != (row.number, row.joined_on):
        message = (
            f"档案 {patient.file_number} 已是会员："
            f"会员号 {member.number}，{member.joined_on} 入会；"
            f"表中是会员号 {row.number}，{row.joined_on} 入会。会员号和入会日期不能改，请核对"
        )
        raise Refusal("already_member", 409, message, "number")
    if member and row.signed_on and member.signed_on != row.signed_on:
        message = f"该会员的签字日期是 {member.signed_on}，表中是 {row.signed_on}，请核对"
        raise Refusal("already_member", 409, message, "signed_on")
    document = (base.document_type, base.document_number)
    if base.document_number and document != (row.document_type, row.document_number):
        kind = rules.DOCUMENT_TYPES[base.document_type]
        message = f"档案 {patient.file_number} 登记的{kind}与表中的证件不同，请先核对证件"
        raise Refusal("document_differs", 409, message, "id_number")


def _check_unique(row: OldMember, patient: Patient, known: _Known) -> None:
    other = known.by_number.get(row.number)
    if other and other.patient_id != patient.pk:
        message = f"会员号 {row.number} 已是档案 {other.patient.file_number} 的会员号，请核对"
        raise Refusal("number_taken", 409, message, "number")
    index = keyed_hash(row.document_type, row.document_number)
    other = known.by_document.get((row.document_type, index))
    if other and other.patient_id != patient.pk:
        message = (
            f"该证件已是档案 {other.patient.file_number} 的会员的证件，一人只能有一个会员；"
            "如是同一人，请申请合并档案"
        )
        raise Refusal("membership_one_person_one_member", 409, message, "id_number")


def _given(row: OldMember, base: rules.PatientDetails) -> dict[str, object]:
    given: dict[str, object] = {
        "name": base.name,
        "document_type": row.document_type,
        "id_number": row.document_number,
    }
    known = {"phone": row.phone, "address": row.address}
    return given | {name: said for name, said in known.items() if said}


def _saved(
    row: OldMember,
    patient: Patient,
    member: Membership | None,
    file_changed: bool,
    known: _Known,
    by: User,
    batch: Import,
) -> SavedMember:
    if member is None:
        member = _new(row, patient, by, batch)
        known.add(member)
        known.fresh.append(member)
        return SavedMember(member, NEW)
    before = [getattr(member, name) for name in _ANSWERS]
    for name, said in _answers(row).items():
        setattr(member, name, said)
    answers_changed = before != [getattr(member, name) for name in _ANSWERS]
    if answers_changed and member.pk:
        known.changed[member.pk] = member
    return SavedMember(member, CHANGED if file_changed or answers_changed else SAME)


def _new(row: OldMember, patient: Patient, by: User, batch: Import) -> Membership:
    answers = dict.fromkeys(CONSENTS, False) | _answers(row)
    return Membership(
        patient=patient,
        number=row.number,
        document_type=row.document_type,
        document_index=keyed_hash(row.document_type, row.document_number),
        joined_on=row.joined_on,
        signed_on=row.signed_on or row.joined_on,
        imported_in=batch,
        enrolled_by=by,
        **answers,
    )


def _answers(row: OldMember) -> dict[str, Any]:
    """What the row says of the form; an empty cell says nothing."""
    answers: dict[str, Any] = {
        name: said for name, said in row.consents.items() if said is not None
    }
    if row.guardian:
        answers |= {
            "guardian_name": row.guardian.name,
            "guardian_relation": row.guardian.relation,
            "guardian_phone": row.guardian.phone,
        }
    return answers
