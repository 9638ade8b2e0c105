from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from members.exceptions import unknown_patient
from members.models import Membership, Patient, keyed_hash
from members.operations.memberships import create_membership
from members.operations.patients import save_patient
from members.operations.signatures import keep_signature
from members.rules import EnrolmentForm, document_number, document_type, enrolment_form
from members.rules.signing import Signed
from points.operations.levels import lock_accounts
from points.operations.restating import restate
from points.queries import Standing, standing
from points.rules import eligible_since
from scheme.queries import rules_on
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A membership, new or found again, and the tier it has now."""

    membership: Membership
    repeated: bool
    tier: str | None


@operation
def enrol(
    *,
    file_number: str,
    given: Mapping[str, object],
    signed: Signed | None = None,
    by: User,
    now: datetime,
) -> Enrolled:
    """Make a patient a member, with the level that the whole history brings (R26, C1).

    `given` holds the registration form R69 (see `members.rules`); the patient file takes its
    fields over. Without `signed` the form was signed on paper. The same file and document again
    is the same membership. Raises Refusal 404 for an unknown file; 409 with `missing_points` when
    joining is not possible yet, or when file or document is a member's already; 422 for a gap in
    the form.
    """
    patient = _locked_patient(file_number)
    file_number = patient.file_number
    if membership := Membership.objects.filter(patient=patient).first():
        return _repeated(membership, given)
    form = enrolment_form(given, today=business_day(now))
    saved = save_patient(file_number=file_number, given=given, by=by, now=now)
    lock_accounts([patient.pk])
    _check_allowed(standing(patient.pk), form, business_day(now))
    signature = None
    if signed:
        signature = keep_signature(patient=saved.patient, signed=signed, by=by, now=now)
    membership = create_membership(
        patient=saved.patient, form=form, signature=signature, by=by, now=now
    )
    restate(causes={patient.pk: None}, by=by, now=now)
    return Enrolled(membership, False, standing(patient.pk).tier)


def _locked_patient(file_number: str) -> Patient:
    """The file, or the one it was merged into (C40); locked in the order in which merges lock."""
    found = Patient.objects.filter(file_number=file_number).first()
    if found is None:
        raise unknown_patient(file_number)
    files = Patient.objects.filter(pk__in={found.pk, found.root_id}).order_by("pk")
    locked = {file.pk: file for file in files.select_for_update(of=("self",))}
    root_id = locked[found.pk].root_id
    # Merged or parted meanwhile: once more, from the file as it is now.
    return locked.get(root_id) or _locked_patient(file_number)


def _repeated(membership: Membership, given: Mapping[str, object]) -> Enrolled:
    """The membership that is there; another document than its own is refused."""
    if "id_number" in given:
        kind = document_type(given.get("document_type")) or membership.document_type
        index = keyed_hash(kind, document_number(kind, given["id_number"]))
        if (kind, index) != (membership.document_type, membership.document_index):
            message = f"该病人已是会员，会员号 {membership.number}"
            raise Refusal("already_member", 409, message, "file_number")
    return Enrolled(membership, True, standing(membership.patient_id).tier)


def _check_allowed(stand: Standing, form: EnrolmentForm, today: date) -> None:
    """Refuse where joining was not allowed yet on the day of signature."""
    rules = rules_on(form.signed_on)
    if rules is None:
        message = "签字日期早于会员方案开始的日期"
        raise Refusal("before_first_scheme", 422, message, "signed_on")
    if not stand.can_enrol(rules):
        missing = stand.missing(rules, today)
        message = f"积分未达入会标准，还差 {missing:,} 分"
        raise Refusal("not_eligible", 409, message, extra={"missing_points": missing})
    since = eligible_since(rules, stand.visits, before=stand.before_visits)
    if since and form.signed_on < since:
        message = f"签字日期不能早于达到入会标准的日期 {since}"
        raise Refusal("signed_before_eligible", 422, message, "signed_on")
