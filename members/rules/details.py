"""A patient file as it is changed by what was given, and whether its parts agree (C15)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from members.rules.documents import RESIDENT_ID, born_on, document_number, document_type, sex_of
from members.rules.faults import first_raised, tried
from members.rules.person import SEXES, birth_date, phone, sex
from staff import rules as values
from staff.exceptions import Refusal


@dataclass(frozen=True)
class PatientDetails:
    """A patient file's own fields; "" and None stand for not known (C15, C41)."""

    name: str = ""
    sex: str = ""
    birth_date: date | None = None
    phone: str = ""
    document_type: str = ""
    document_number: str = ""
    address: str = ""


def details_from(
    given: Mapping[str, object], base: PatientDetails, *, today: date
) -> PatientDetails:
    """`base` with what was given: a missing key leaves it, None clears it.

    A resident ID fills birth date and sex. Raises Refusal 422 naming the field, also when the ID
    number contradicts the birth date or the sex (C15).
    """
    details, faults = read_details(given, base, today=today)
    first_raised(faults)
    return details


def read_details(
    given: Mapping[str, object], base: PatientDetails, *, today: date
) -> tuple[PatientDetails, list[Refusal]]:
    """`details_from` with all its refusals, in the order of the fields, instead of the first."""
    faults: list[Refusal] = []
    details = base
    for field, read in _READ.items():
        if field == "name" or field in given:
            found: Any = tried(faults, partial(read, given.get(field), today))
            details = replace(details, **{field: found})
    if "id_number" in given or "document_type" in given:
        details = tried(faults, partial(_with_document, details, given)) or details
    return _agreed(details, today, faults), faults


def _name(value: object, _: date) -> str:
    return values.text(value, field="name", label="姓名", longest=50)


def _address(value: object, _: date) -> str:
    return values.text(value, field="address", label="家庭住址", longest=200, required=False)


_READ: dict[str, Callable[[object, date], Any]] = {
    "name": _name,
    "sex": lambda value, _: sex(value),
    "birth_date": birth_date,
    "phone": lambda value, _: phone(value),
    "address": _address,
}


def _with_document(details: PatientDetails, given: Mapping[str, object]) -> PatientDetails:
    number = given.get("id_number", details.document_number)
    kind = document_type(given.get("document_type")) or details.document_type or RESIDENT_ID
    if "id_number" not in given and kind != details.document_type and number:
        message = "更换证件类型时，请填写新证件的号码"
        raise Refusal("document_number_needed", 422, message, "id_number")
    if number in (None, ""):
        return replace(details, document_type="", document_number="")
    found = document_number(kind, number)
    return replace(details, document_type=kind, document_number=found)


def _agreed(details: PatientDetails, today: date, faults: list[Refusal]) -> PatientDetails:
    """`details` with what the resident ID says; what contradicts it is added to `faults`."""
    wrong = {fault.field for fault in faults}
    if details.document_type != RESIDENT_ID or wrong & {"id_number", "document_type"}:
        return details
    born = tried(faults, partial(born_on, details.document_number, today))
    if born is None:
        return details
    of_sex = sex_of(details.document_number)
    if details.birth_date not in (None, born) and "birth_date" not in wrong:
        written = f"身份证号上的出生日期是 {born}，填写的是 {details.birth_date}，请核对"
        faults.append(Refusal("birth_date_contradicts_id", 422, written, "birth_date"))
    if details.sex not in ("", None, of_sex) and "sex" not in wrong:
        written = f"身份证号上的性别是{SEXES[of_sex]}，填写的是{SEXES[details.sex]}，请核对"
        faults.append(Refusal("sex_contradicts_id", 422, written, "sex"))
    return replace(details, birth_date=born, sex=of_sex)
