"""The registration form R69: its answers, and whether it has a gap."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from members.rules.details import PatientDetails
from members.rules.person import age_on, phone
from staff import rules as values
from staff.exceptions import Refusal

ADULT_AGE = 18

_GUARDIAN = ("guardian_name", "guardian_relation", "guardian_phone")


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
        guardian=guardian(given),
    )


def _consent(given: Mapping[str, object], field: str, label: str) -> bool:
    return values.yes_no(given.get(field), field=field, label=label)


def guardian(given: Mapping[str, object]) -> Guardian | None:
    """Who signs for a minor; None when nothing is said. Raises Refusal 422 for half of it."""
    if all(given.get(field) in (None, "") for field in _GUARDIAN):
        return None
    return Guardian(
        name=values.text(
            given.get("guardian_name"), field="guardian_name", label="监护人姓名", longest=50
        ),
        relation=values.text(
            given.get("guardian_relation"),
            field="guardian_relation",
            label="与会员的关系",
            longest=20,
        ),
        phone=phone(given.get("guardian_phone"), field="guardian_phone", label="监护人电话"),
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
