"""The registration form R69: its answers, and whether it has a gap."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from members.rules.details import PatientDetails, read_details
from members.rules.faults import first_raised, tried
from members.rules.person import age_on, phone
from staff import rules as values
from staff.exceptions import Refusal

ADULT_AGE = 18

# The questions of the paper form, in its order (S2:188-190).
CONSENTS = {
    "accepts_follow_up": "是否愿意接受回访",
    "accepts_post": "是否愿意接受精美杂志的邮寄投递",
    "accepts_activities": "是否愿意接受会员回馈活动的邀请",
}
GUARDIAN_FIELDS = ("guardian_name", "guardian_relation", "guardian_phone")


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


def enrolment_form(given: Mapping[str, object], *, today: date) -> EnrolmentForm:
    """The consents, the signature day and the guardian of R69; all three consents answered.

    Raises Refusal 422 naming the field, also for half a guardian.
    """
    faults: list[Refusal] = []
    form = _read_form(given, today, faults)
    first_raised(faults)
    assert form
    return form


def enrolment_faults(
    given: Mapping[str, object], base: PatientDetails, *, today: date
) -> list[Refusal]:
    """All that is wrong with the form for the file `base`, each fault at its field (R69)."""
    details, faults = read_details(given, base, today=today)
    form = _read_form(given, today, faults)
    signed_on = form.signed_on if form else today
    who = form.guardian if form else _guardian_as_given(given)
    wrong = {fault.field for fault in faults}
    gaps = _gaps(details, signed_on, who)
    return faults + [gap for gap in gaps if gap.field not in wrong]


def _read_form(
    given: Mapping[str, object], today: date, faults: list[Refusal]
) -> EnrolmentForm | None:
    before = len(faults)
    tried(faults, partial(_check_explained, given))
    signed_on = tried(faults, partial(_signed_on, given, today))
    answers = {
        field: tried(faults, partial(_consent, given, field, label))
        for field, label in CONSENTS.items()
    }
    who = read_guardian(given, faults)
    if len(faults) > before or signed_on is None:
        return None
    return EnrolmentForm(
        **{field: answer is True for field, answer in answers.items()},
        signed_on=signed_on,
        guardian=who,
    )


def _check_explained(given: Mapping[str, object]) -> None:
    if given.get("explained") is not True:
        message = "请先向病人讲解会员待遇，再办理入会"
        raise Refusal("not_explained", 422, message, "explained")


def _signed_on(given: Mapping[str, object], today: date) -> date:
    signed_on = values.day(given.get("signed_on"), field="signed_on", label="签字日期")
    if signed_on > today:
        raise Refusal("signed_in_future", 422, "签字日期不能晚于今天", "signed_on")
    return signed_on


def _consent(given: Mapping[str, object], field: str, label: str) -> bool:
    return values.yes_no(given.get(field), field=field, label=label)


def guardian(given: Mapping[str, object]) -> Guardian | None:
    """Who signs for a minor; None when nothing is said. Raises Refusal 422 for half of it."""
    faults: list[Refusal] = []
    found = read_guardian(given, faults)
    first_raised(faults)
    return found


def read_guardian(given: Mapping[str, object], faults: list[Refusal]) -> Guardian | None:
    """`guardian` with all its refusals added to `faults` instead of the first raised."""
    name, relation, number = (given.get(field) for field in GUARDIAN_FIELDS)
    if all(value in (None, "") for value in (name, relation, number)):
        return None
    before = len(faults)
    name = tried(faults, partial(_text, name, "guardian_name", "监护人姓名", 50))
    relation = tried(faults, partial(_text, relation, "guardian_relation", "与会员的关系", 20))
    number = tried(faults, partial(_guardian_phone, number))
    if len(faults) > before:
        return None
    return Guardian(str(name), str(relation), str(number))


def _text(value: object, field: str, label: str, longest: int) -> str:
    return values.text(value, field=field, label=label, longest=longest)


def _guardian_phone(value: object) -> str:
    return phone(value, field="guardian_phone", label="监护人电话")


def _guardian_as_given(given: Mapping[str, object]) -> Guardian:
    """What was said of a guardian while something else is wrong: said is not missing."""
    return Guardian(*(str(given.get(field) or "") for field in GUARDIAN_FIELDS))


def check_membership(details: PatientDetails, form: EnrolmentForm) -> None:
    """Refuse a registration form with a gap: every field of R69, a guardian under 18 (C41)."""
    first_raised(_gaps(details, form.signed_on, form.guardian))


def _gaps(details: PatientDetails, signed_on: date, who: Guardian | None) -> list[Refusal]:
    gaps = missing_fields(details)
    if details.birth_date and needs_guardian(details.birth_date, signed_on, who):
        message = "未满 18 岁须填写监护人姓名、与会员的关系和电话"
        gaps.append(Refusal("guardian_required", 422, message, "guardian_name"))
    return gaps


def missing_fields(
    details: PatientDetails, *, besides: Collection[str | None] = ()
) -> list[Refusal]:
    """The fields of R69 that a file leaves empty, as refusals; those in `besides` may be."""
    required = {
        "sex": (details.sex, "性别"),
        "phone": (details.phone, "电话"),
        "id_number": (details.document_number, "证件号码"),
        "birth_date": (details.birth_date, "出生日期"),
        "address": (details.address, "家庭住址"),
    }
    return [
        Refusal("required", 422, f"请填写{label}", field)
        for field, (value, label) in required.items()
        if not value and field not in besides
    ]


def needs_guardian(born: date, day: date, who: Guardian | None) -> bool:
    """Whether somebody is under 18 on `day` and has no guardian with a phone."""
    return age_on(day, born) < ADULT_AGE and (who is None or not who.phone)
