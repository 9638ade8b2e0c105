"""A member from before the system, as a row of the hospital's list says it (C41, R69)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from members.rules.documents import DOCUMENT_TYPES, RESIDENT_ID, document_number
from members.rules.enrolment import CONSENTS, Guardian, guardian, needs_guardian
from members.rules.person import phone
from staff import rules as values
from staff.exceptions import Refusal
from staff.rules import plain

_ANSWERS = {"是": True, "否": False}
_TYPES = {label: code for code, label in DOCUMENT_TYPES.items()} | {"身份证": RESIDENT_ID}


@dataclass(frozen=True, slots=True)
class OldMember:
    """One row; None and "" stand for an empty cell. Number and day of joining are kept (C41)."""

    file_number: str
    number: str
    joined_on: date
    signed_on: date | None
    document_type: str
    document_number: str
    phone: str
    address: str
    consents: Mapping[str, bool | None]
    guardian: Guardian | None


def old_member(given: Mapping[str, str], *, first_day: date, today: date) -> OldMember:
    """What a row says; `first_day` is the first day on which there were rules.

    Raises Refusal 422 naming the field.
    """
    kind = _document_type(given.get("document_type", ""))
    return OldMember(
        file_number=given["file_number"],
        number=given["number"],
        joined_on=_joined_on(given, first_day=first_day, today=today),
        signed_on=_signed_on(given, today=today),
        document_type=kind,
        document_number=document_number(kind, given.get("id_number")),
        phone=phone(given.get("phone")),
        address=values.text(
            given.get("address"), field="address", label="家庭住址", longest=200, required=False
        ),
        consents={field: _consent(given, field, label) for field, label in CONSENTS.items()},
        guardian=guardian(given),
    )


def check_guardian(member: OldMember, born: date | None, *, today: date) -> None:
    """Refuse a member who is under 18 today and has no guardian."""
    if born and needs_guardian(born, today, member.guardian):
        message = "未满 18 岁须填写监护人姓名、与会员的关系和监护人电话"
        raise Refusal("guardian_required", 422, message, "guardian_name")


def _document_type(written: str) -> str:
    label = plain(written)
    if label and label not in _TYPES:
        message = f"证件类型应为：{'、'.join(DOCUMENT_TYPES.values())}"
        raise Refusal("unknown_document_type", 422, message, "document_type")
    return _TYPES[label] if label else RESIDENT_ID


def _joined_on(given: Mapping[str, str], *, first_day: date, today: date) -> date:
    day = values.day(given.get("joined_on"), field="joined_on", label="入会日期")
    if day > today:
        raise Refusal("joined_in_future", 422, "入会日期不能晚于今天", "joined_on")
    if day < first_day:
        message = f"入会日期不能早于会员方案开始的日期 {first_day}"
        raise Refusal("before_first_scheme", 422, message, "joined_on")
    return day


def _signed_on(given: Mapping[str, str], *, today: date) -> date | None:
    if not given.get("signed_on"):
        return None
    day = values.day(given["signed_on"], field="signed_on", label="签字日期")
    if day > today:
        raise Refusal("signed_in_future", 422, "签字日期不能晚于今天", "signed_on")
    return day


def _consent(given: Mapping[str, str], field: str, label: str) -> bool | None:
    written = plain(given.get(field, ""))
    if not written:
        return None
    if written not in _ANSWERS:
        raise Refusal("not_yes_or_no", 422, f"“{label}”应填“是”或“否”，空着表示“否”", field)
    return _ANSWERS[written]
