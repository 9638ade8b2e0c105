from datetime import datetime

from django.db import connection

from members import rules
from members.models import Membership, Patient, Signature
from members.operations.cards import make_first_cards
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation

_NUMBERING = 7_003_004


@operation
def create_membership(
    *,
    patient: Patient,
    form: rules.EnrolmentForm,
    signature: Signature | None = None,
    by: User,
    now: datetime,
) -> Membership:
    """Make the patient a member for life, with the next member number and a card (R5, R26, R69).

    Without `signature` the form was signed on paper. The caller has locked the patient
    and seen that joining is allowed. Raises Refusal 422 for a gap in the form, 409 when the
    document is already a member's.
    """
    rules.check_membership(patient.details(), form)
    same_person = Membership.objects.filter(
        document_type=patient.document_type, document_index=patient.document_index
    )
    if same_person.exists():
        message = "该证件已办理过会员，一人只能有一个会员"
        raise Refusal("membership_one_person_one_member", 409, message, "id_number")
    guardian = form.guardian or rules.Guardian("", "", "")
    membership = Membership.objects.create(
        patient=patient,
        number=_next_number(),
        document_type=patient.document_type,
        document_index=patient.document_index,
        accepts_follow_up=form.accepts_follow_up,
        accepts_post=form.accepts_post,
        accepts_activities=form.accepts_activities,
        guardian_name=guardian.name,
        guardian_relation=guardian.relation,
        guardian_phone=guardian.phone,
        signed_on=form.signed_on,
        signature=signature,
        joined_on=form.signed_on,
        enrolled_by=by,
    )
    make_first_cards(memberships=[membership], by=by, now=now)
    return membership


def _next_number() -> str:
    """Ours, unless a member from before the system holds it already."""
    lock_numbers()
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT nextval('members_membership_number')")
            number = rules.membership_number(cursor.fetchone()[0])
            if not Membership.objects.filter(number=number).exists():
                return number


def lock_numbers() -> None:
    """Nobody else gives out or imports a member number until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])
