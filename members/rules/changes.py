"""What a colleague changes in a file and its membership, and in what it may not leave them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial

from members.rules.details import PatientDetails, read_details
from members.rules.documents import DOCUMENT_TYPES
from members.rules.enrolment import (
    CONSENTS,
    GUARDIAN_FIELDS,
    Guardian,
    missing_fields,
    needs_guardian,
    read_guardian,
)
from members.rules.faults import tried
from staff import rules as values
from staff.exceptions import Refusal

# What may change, in the order of the paper form.
CHANGEABLE = {
    "name": "姓名",
    "sex": "性别",
    "phone": "电话",
    "birth_date": "出生日期",
    "document_type": "证件类型",
    "document_number": "证件号码",
    "address": "家庭住址",
    **CONSENTS,
    "guardian_name": "监护人姓名",
    "guardian_relation": "与会员的关系",
    "guardian_phone": "监护人电话",
}


@dataclass(frozen=True)
class Record:
    """What a file holds, and the membership's answers; `consents` is None for who is no member."""

    details: PatientDetails
    consents: Mapping[str, bool] | None = None
    guardian: Guardian | None = None

    @property
    def is_member(self) -> bool:
        return self.consents is not None

    def values(self) -> dict[str, object]:
        """Everything that may change, by field."""
        who = self.guardian or Guardian("", "", "")
        said = (who.name, who.relation, who.phone)
        known: dict[str, object] = asdict(self.details)
        if self.consents is not None:
            known |= {**self.consents, **dict(zip(GUARDIAN_FIELDS, said, strict=True))}
        return {field: known[field] for field in CHANGEABLE if field in known}

    def needs_guardian(self, today: date) -> bool:
        """Whether this is a member under 18 without a guardian (C41)."""
        born = self.details.birth_date
        return bool(self.is_member and born and needs_guardian(born, today, self.guardian))


def changed_record(
    given: Mapping[str, object], record: Record, *, today: date
) -> tuple[Record, list[Refusal]]:
    """`record` with what was given, and all that is wrong with it: a missing key leaves a field.

    A member's file never loses a field of R69, nor a child its guardian.
    """
    named = {"name": record.details.name, **given}
    details, faults = read_details(named, record.details, today=today)
    if record.consents is None:
        return Record(details), faults
    consents = {
        field: _consent(given, field, label, faults) if field in given else record.consents[field]
        for field, label in CONSENTS.items()
    }
    changed = Record(details, consents, _guardian(given, record, faults))
    wrong = {fault.field for fault in faults}
    before = {gap.field for gap in missing_fields(record.details)}
    faults += missing_fields(details, besides={*wrong, *before})
    if changed.needs_guardian(today) and not record.needs_guardian(today) and not wrong:
        message = "未满 18 岁须有监护人姓名、与会员的关系和电话"
        faults.append(Refusal("guardian_required", 422, message, "guardian_name"))
    return changed, faults


def changed_fields(before: Record, after: Record) -> list[str]:
    """The fields that differ, in the paper's order."""
    was, will_be = before.values(), after.values()
    return [field for field in CHANGEABLE if was.get(field) != will_be.get(field)]


def shown_document(kind: str, *, is_member: bool) -> str:
    """The document that a member showed for a change (R30). Raises Refusal 422 without one."""
    if kind in DOCUMENT_TYPES:
        return kind
    if kind:
        raise Refusal("unknown_document_type", 422, "不认识这种证件", "document_shown")
    if is_member:
        message = "修改会员资料须请会员出示证件，并选择出示的是哪种证件"
        raise Refusal("details_change_document_shown", 422, message, "document_shown")
    return ""


def _consent(given: Mapping[str, object], field: str, label: str, faults: list[Refusal]) -> bool:
    read = partial(values.yes_no, given[field], field=field, label=label)
    return tried(faults, read) is True


def _guardian(
    given: Mapping[str, object], record: Record, faults: list[Refusal]
) -> Guardian | None:
    if not any(field in given for field in GUARDIAN_FIELDS):
        return record.guardian
    return read_guardian({**record.values(), **given}, faults)
