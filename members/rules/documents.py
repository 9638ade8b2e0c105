"""Documents of identity: their kinds, their numbers, what a resident ID says (C15, C41).

The parsers raise Refusal 422 naming the field.
"""

import re
from datetime import date

from members.rules.person import is_possible_birth
from staff import rules as values
from staff.exceptions import Refusal

RESIDENT_ID = "resident_id"
DOCUMENT_TYPES = {
    RESIDENT_ID: "居民身份证",
    "passport": "护照",
    "hk_macau_permit": "港澳居民来往内地通行证",
    "taiwan_permit": "台湾居民来往大陆通行证",
    "foreigner_id": "外国人永久居留身份证",
    "military_id": "军官证或士兵证",
    "birth_certificate": "出生医学证明",
    "other": "其他证件",
}

# What shows who is whose child or spouse.
FAMILY_DOCUMENTS = {
    "household_register": "户口簿",
    "birth_certificate": "出生医学证明",
    "marriage_certificate": "结婚证",
    "guardianship": "监护证明",
    "other": "其他证明",
}

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_RESIDENT_ID = re.compile(r"\d{17}[\dX]", re.ASCII)
# Brackets and hyphens stand between letters and digits; alone they are no number.
_OTHER_DOCUMENT = re.compile(r"(?=(?:[()-]*[A-Z0-9]){5})[A-Z0-9()-]{5,30}", re.ASCII)


def document_type(value: object) -> str:
    """One of DOCUMENT_TYPES, or "" for not said (C41)."""
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or value not in DOCUMENT_TYPES:
        raise Refusal("unknown_document_type", 422, "不认识这种证件类型", "document_type")
    return value


def document_number(kind: str, value: object) -> str:
    """A document's number in capitals; for a resident ID with its check digit right (C41).

    Its region is never judged: older cards carry regions that no longer exist.
    """
    label = "身份证号" if kind == RESIDENT_ID else "证件号码"
    number = values.text(value, field="id_number", label=label, longest=30).upper()
    if kind == RESIDENT_ID:
        _check_resident_id(number)
    elif not _OTHER_DOCUMENT.fullmatch(number):
        message = "证件号码应为 5 至 30 位字母或数字"
        raise Refusal("not_a_document_number", 422, message, "id_number")
    return number


def _check_resident_id(number: str) -> None:
    if not _RESIDENT_ID.fullmatch(number):
        message = "身份证号应为 18 位：前 17 位是数字，最后一位是数字或 X"
        raise Refusal("not_a_resident_id", 422, message, "id_number")
    if number[17] != resident_id_check_digit(number[:17]):
        message = "身份证号的校验位不对，请对照证件逐位核对"
        raise Refusal("resident_id_check_digit", 422, message, "id_number")


def resident_id_check_digit(body: str) -> str:
    """The last character of a resident ID, from the 17 digits before it (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11]


def born_on(number: str, today: date) -> date:
    """The birth date in a resident ID; refused when it is no real past day."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = None
    if born is None or not is_possible_birth(born, today):
        message = "身份证号中的出生日期不对，请对照证件核对"
        raise Refusal("resident_id_birth_date", 422, message, "id_number")
    return born


def sex_of(number: str) -> str:
    """The sex in a resident ID: the 17th digit, odd for men."""
    return "male" if int(number[16]) % 2 else "female"
