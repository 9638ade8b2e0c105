"""What may be known of a person: sex, birth date, age, phone.

The parsers raise Refusal 422 naming the field.
"""

import re
from datetime import date

from staff import rules as values
from staff.exceptions import Refusal

SEXES = {"male": "男", "female": "女"}

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"0\d{9,11}", re.ASCII)


def sex(value: object) -> str:
    """`male`, `female` or "" for not known."""
    if value in (None, ""):
        return ""
    if not isinstance(value, str) or value not in SEXES:
        raise Refusal("unknown_sex", 422, "性别应为男或女", "sex")
    return value


def birth_date(value: object, today: date) -> date | None:
    """A past day in the last 130 years, or None for not known."""
    if value in (None, ""):
        return None
    born = values.day(value, field="birth_date", label="出生日期")
    if not is_possible_birth(born, today):
        why = "在今天之后" if born > today else "在 130 年以前"
        sentence = f"出生日期 {born.isoformat()} {why}，请核对"
        raise Refusal("impossible_birth_date", 422, sentence, "birth_date")
    return born


def is_possible_birth(born: date, today: date) -> bool:
    """Whether somebody alive today can have been born on this day."""
    return born <= today and born.year >= today.year - 130


def age_on(day: date, born: date) -> int:
    """Completed years on `day`; someone born on 29 February turns older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def phone(value: object, *, field: str = "phone", label: str = "电话") -> str:
    """A mobile number or a landline with area code, digits only; "" for none."""
    written = values.text(value, field=field, label=label, longest=30, required=False)
    digits = re.sub(r"[\s-]", "", written)
    if not digits or _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    message = f"{label}应为 11 位手机号，或带区号的座机号（如 0874-1234567）"
    raise Refusal("not_a_phone", 422, message, field)
