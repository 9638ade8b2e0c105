"""Who belongs to a member's household, and since when (R15, C14)."""

from datetime import datetime

from members.models import Household, HouseholdPerson, Membership, Patient
from members.operations.patients import locked_file
from members.queries.households import household_of, live_place_of
from members.rules import FAMILY_DOCUMENTS
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import SHANGHAI, text

OWNER = "本人"


@operation
def add_person(
    *,
    membership: Membership,
    patient: Patient,
    is_child: bool,
    relation: str,
    document_seen: str,
    by: User,
    now: datetime,
) -> HouseholdPerson:
    """Add a person to the member's household; a member without one gets it with the first.

    `relation` is to the member. Raises Refusal 422 naming the field, also for a child without a
    birth date; 409 for a merged file and for somebody who is in a household already.
    """
    relation = text(relation, field="relation", label="与会员的关系", longest=20)
    if document_seen not in FAMILY_DOCUMENTS:
        raise Refusal("required", 422, "请选择查验的证件", "document_seen")
    if patient.root_id == membership.patient_id:
        message = "这是会员本人的档案，请选择家人的档案"
        raise Refusal("household_of_oneself", 422, message, "patient")
    owner, person = _locked(membership.patient_id, patient.pk)
    if is_child and person.birth_date is None:
        message = "儿童须有出生日期，才知道礼遇用到哪天；请先在档案里补上出生日期"
        raise Refusal("child_birth_date", 422, message, "birth_date")
    _check_free(person)
    return HouseholdPerson.objects.create(
        household=_household(owner, document_seen, by, now),
        patient=person,
        is_child=is_child,
        relation=relation,
        document_seen=document_seen,
        joined_at=now,
        by=by,
    )


@operation
def leave_household(*, person_id: int, reason: str, by: User, now: datetime) -> HouseholdPerson:
    """Take a person out of the household; the row stays, with the reason.

    Raises Refusal 404 for an unknown row, 409 when the person has left already, 422 for a missing
    reason.
    """
    reason = text(reason, field="reason", label="移出原因", longest=200)
    rows = HouseholdPerson.objects.select_for_update(of=("self",)).select_related("patient")
    person = rows.filter(pk=person_id).first()
    if person is None:
        raise Refusal("unknown_household_person", 404, "没有这位家庭成员，请刷新页面")
    if person.left_at:
        at = person.left_at.astimezone(SHANGHAI)
        message = f"{person.patient.name} 已由{person.left_by}于 {at:%Y-%m-%d %H:%M} 移出这个家庭"
        raise Refusal("household_left", 409, message)
    person.left_at = max(now, person.joined_at)
    person.left_reason, person.left_by = reason, by
    person.save(update_fields=["left_at", "left_reason", "left_by"])
    return person


def _locked(*files: int) -> list[Patient]:
    """The files that stand for their persons, locked by ascending key."""
    found = {pk: locked_file(pk) for pk in sorted(files)}
    return [found[pk] for pk in files]


def _check_free(person: Patient) -> None:
    place = live_place_of(person.pk)
    if place is None:
        return
    others = [each for each in household_of(person.pk).live if each.patient_id != place.patient_id]
    whose = f"（与{'、'.join(each.patient.name for each in others[:3])}一起）" if others else ""
    message = f"{person.name} 已登记在一个家庭中{whose}，请先从那里移出"
    raise Refusal("household_person_one_at_a_time", 409, message, "patient")


def _household(owner: Patient, document_seen: str, by: User, now: datetime) -> Household:
    if place := live_place_of(owner.pk):
        return place.household
    household = Household.objects.create(made_at=now, made_by=by)
    HouseholdPerson.objects.create(
        household=household,
        patient=owner,
        is_child=False,
        relation=OWNER,
        document_seen=document_seen,
        joined_at=now,
        by=by,
    )
    return household
