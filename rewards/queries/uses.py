"""What decides on a use besides the entitlement: the member's own doctor, who the guest is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from points.models import Receipt
from points.queries import Standing, standings
from rewards.models import Use
from rewards.rules.costs import doctor_bears, guests_are_vips
from scheme.models import Item
from scheme.rules import Rules
from staff.models import Department, Doctor


@dataclass(frozen=True, slots=True)
class Reception:
    """How somebody who was given a service is received: without a fee, like a VIP (R18, R35)."""

    fee_waived: bool = False
    as_vip: bool = False


def bearing_doctor(patient_id: int, item: Item, rules: Rules) -> Doctor | None:
    """The member's own doctor where he bears the item's cost (C30); None where marketing does."""
    if rules.cost_bearer != "doctor":
        return None
    own = own_doctor(patient_id)
    if own is None:
        return None
    departments = set(Department.objects.values_list("name", flat=True))
    bears = doctor_bears(
        rules,
        specialty=item.specialty,
        department=own.department.name,
        departments=departments,
    )
    return own if bears else None


def own_doctor(patient_id: int) -> Doctor | None:
    """The doctor of the patient's latest receipt that names a known one, merged files included."""
    known = Doctor.objects.values("staff_number")
    named = Receipt.objects.filter(_family(patient_id), voided=False, doctor_number__in=known)
    latest = named.order_by("-paid_at", "-pk").values("doctor_number")[:1]
    return Doctor.objects.select_related("department").filter(staff_number__in=latest).first()


def reception(*, donor_id: int, guest_id: int, day: date) -> Reception:
    """How the guest of a member is received on this day; both are files that stand for a person."""
    stands = standings({donor_id, guest_id})
    return Reception(
        fee_waived=_is_new(stands[guest_id], day), as_vip=guests_are_vips(stands[donor_id].rank)
    )


def waiting_uses() -> QuerySet[Use]:
    """What was used and is not settled yet (R52); nothing from before the system."""
    return Use.objects.filter(settlement=None, voided=False, imported_in=None)


def waiting_uses_of(patient_id: int) -> QuerySet[Use]:
    """What this person used and is not settled yet, merged files included."""
    own = Q(beneficiary=patient_id) | Q(beneficiary__merged_into=patient_id)
    return waiting_uses().filter(own)


def _is_new(stand: Standing, day: date) -> bool:
    """新诊: no receipt before today, and no points from the system before."""
    return stand.before_visits <= 0 and all(visit.total.day >= day for visit in stand.visits)


def _family(patient_id: int) -> Q:
    return Q(patient=patient_id) | Q(patient__merged_into=patient_id)
