"""What a patient file and a membership may say: documents, phones, numbers, masks. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

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
SEXES = {"male": "男", "female": "女"}
ADULT_AGE = 18

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"0\d{9,11}", re.ASCII)
_RESIDENT_ID = re.compile(r"\d{17}[\dX]", re.ASCII)
_OTHER_DOCUMENT = re.compile(r"[A-Z0-9()-]{5,30}", re.ASCII)


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


@dataclass(frozen=True)
class Guardian:
    """Who signs for a member under 18 (C41)."""

    name: str
    relation: str
    phone: str


@dataclass(frozen=True)
class EnrolmentForm:
    """The paper form R69: the answers beside the patient's own fields."""

    accepts_follow_up: bool
    accepts_post: bool
    accepts_activities: bool
    signed_on: date
    guardian: Guardian | None


def details_from(
    given: Mapping[str, object], base: PatientDetails, *, today: date
) -> PatientDetails:
    """`base` with what was given: a missing key leaves it, None clears it.

    A resident ID fills birth date and sex. Raises Refusal 422 naming the field, also when the ID
    number contradicts the birth date or the sex (C15).
    """
    name = values.text(given.get("name"), field="name", label="姓名", longest=50)
    details = replace(base, name=name)
    if "sex" in given:
        details = replace(details, sex=sex(given["sex"]))
    if "birth_date" in given:
        details = replace(details, birth_date=birth_date(given["birth_date"], today))
    if "phone" in given:
        details = replace(details, phone=phone(given["phone"]))
    if "address" in given:
        details = replace(details, address=_address(given["address"]))
    if "id_number" in given or "document_type" in given:
        details = _with_document(details, given)
    return _agreed(details, given, today)


def _address(value: object) -> str:
    return values.text(value, field="address", label="家庭住址", longest=200, required=False)


def _with_document(details: PatientDetails, given: Mapping[str, object]) -> PatientDetails:
    number = given.get("id_number", details.document_number)
    kind = document_type(given.get("document_type")) or details.document_type or RESIDENT_ID
    if number in (None, ""):
        return replace(details, document_type="", document_number="")
    found = document_number(kind, number)
    return replace(details, document_type=kind, document_number=found)


def _agreed(details: PatientDetails, given: Mapping[str, object], today: date) -> PatientDetails:
    if details.document_type != RESIDENT_ID:
        return details
    born, of_sex = born_on(details.document_number, today), sex_of(details.document_number)
    if details.birth_date not in (None, born):
        written = f"身份证号上的出生日期是 {born}，填写的是 {details.birth_date}，请核对"
        raise Refusal("birth_date_contradicts_id", 422, written, "birth_date")
    if details.sex not in ("", of_sex):
        written = f"身份证号上的性别是{SEXES[of_sex]}，填写的是{SEXES[details.sex]}，请核对"
        raise Refusal("sex_contradicts_id", 422, written, "sex")
    return replace(details, birth_date=born, sex=of_sex)


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
    if not _plausible(born, today):
        raise Refusal("impossible_birth_date", 422, "出生日期不对，请核对", "birth_date")
    return born


def _plausible(born: date, today: date) -> bool:
    return born <= today and born.year >= today.year - 130


def phone(value: object, field: str = "phone", label: str = "电话") -> str:
    """A mobile number or a landline with area code, digits only; "" for none."""
    written = values.text(value, field=field, label=label, longest=30, required=False)
    digits = re.sub(r"[\s-]", "", written)
    if not digits or _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    message = f"{label}应为 11 位手机号，或带区号的座机号（如 0874-1234567）"
    raise Refusal("not_a_phone", 422, message, field)


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
    total = sum(int(digit) * weight for digit, weight in zip(number, _ID_WEIGHTS, strict=False))
    if number[17] != _ID_CHECKS[total % 11]:
        message = "身份证号的校验位不对，请对照证件逐位核对"
        raise Refusal("resident_id_check_digit", 422, message, "id_number")


def born_on(number: str, today: date) -> date:
    """The birth date in a resident ID; refused when it is no real past day."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = None
    if born is None or not _plausible(born, today):
        message = "身份证号中的出生日期不对，请对照证件核对"
        raise Refusal("resident_id_birth_date", 422, message, "id_number")
    return born


def sex_of(number: str) -> str:
    """The sex in a resident ID: the 17th digit, odd for men."""
    return "male" if int(number[16]) % 2 else "female"


def age_on(day: date, born: date) -> int:
    """Completed years on `day`; someone born on 29 February turns older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def enrolment_form(given: Mapping[str, object], *, today: date) -> EnrolmentForm:
    """The consents, the signature day and the guardian of R69; all three consents answered."""
    if given.get("explained") is not True:
        message = "请先向病人讲解会员待遇，再办理入会"
        raise Refusal("not_explained", 422, message, "explained")
    signed_on = values.day(given.get("signed_on"), field="signed_on", label="签字日期")
    if signed_on > today:
        raise Refusal("signed_in_future", 422, "签字日期不能晚于今天", "signed_on")
    return EnrolmentForm(
        accepts_follow_up=_consent(given, "accepts_follow_up", "是否愿意接受回访"),
        accepts_post=_consent(given, "accepts_post", "是否愿意接受精美杂志的邮寄投递"),
        accepts_activities=_consent(given, "accepts_activities", "是否愿意接受会员回馈活动的邀请"),
        signed_on=signed_on,
        guardian=_guardian(given),
    )


def _consent(given: Mapping[str, object], field: str, label: str) -> bool:
    return values.yes_no(given.get(field), field=field, label=label)


def _guardian(given: Mapping[str, object]) -> Guardian | None:
    if given.get("guardian_name") in (None, ""):
        return None
    return Guardian(
        name=values.text(
            given["guardian_name"], field="guardian_name", label="监护人姓名", longest=50
        ),
        relation=values.text(
            given.get("guardian_relation"),
            field="guardian_relation",
            label="与会员的关系",
            longest=20,
        ),
        phone=phone(given.get("guardian_phone"), "guardian_phone", "监护人电话"),
    )


def check_membership(details: PatientDetails, form: EnrolmentForm) -> None:
    """Refuse a registration form with a gap: every field of R69, a guardian under 18 (C41)."""
    required = {
        "sex": (details.sex, "性别"),
        "phone": (details.phone, "电话"),
        "id_number": (details.document_number, "证件号码"),
        "birth_date": (details.birth_date, "出生日期"),
        "address": (details.address, "家庭住址"),
    }
    for field, (value, label) in required.items():
        if not value:
            raise Refusal("required", 422, f"请填写{label}", field)
    assert details.birth_date
    minor = age_on(form.signed_on, details.birth_date) < ADULT_AGE
    if minor and (form.guardian is None or not form.guardian.phone):
        message = "未满 18 岁须填写监护人姓名、与会员的关系和电话"
        raise Refusal("guardian_required", 422, message, "guardian_name")


def membership_number(sequence: int) -> str:
    """The member number of the n-th member: eight digits and an ISO 7064 MOD 11,10 check digit."""
    body = f"{10_000_000 + sequence}"
    return body + str(_mod_11_10(body))


def is_membership_number(written: str) -> bool:
    """Whether `written` carries the right check digit."""
    return (
        written.isascii()
        and written.isdigit()
        and len(written) >= 9
        and written[-1] == str(_mod_11_10(written[:-1]))
    )


def _mod_11_10(digits: str) -> int:
    carry = 10
    for digit in digits:
        carry = (carry + int(digit)) % 10 or 10
        carry = carry * 2 % 11
    return (11 - carry) % 10


def masked_phone(last4: str) -> str:
    """What a screen shows of a phone: its last four digits."""
    return f"•••••••{last4}" if last4 else ""


def masked_document(last4: str) -> str:
    """What a screen shows of a document number: its last four characters."""
    return f"••••••••••••••{last4}" if last4 else ""


def masked_address(address: str) -> str:
    """What a screen shows of an address: its first six characters, mostly the district."""
    return f"{address[:6]}……" if address else ""
