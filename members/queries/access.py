"""What a reveal shows, and who has seen what of whom (R41)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from members.models import AccessLog, Membership, Patient
from staff.rules import SHANGHAI

What = AccessLog.What


@dataclass(frozen=True, slots=True)
class Shown:
    """One of a patient's details in full; `value` is "" where nothing is known."""

    what: What
    label: str
    value: str


def shown_details(patient: Patient, what: Collection[str]) -> list[Shown]:
    """These of a patient's details in full, for whoever has been put on record for it."""
    membership = Membership.objects.filter(patient=patient).only("guardian_phone").first()
    document = patient.get_document_type_display() or What.DOCUMENT.label
    known = {
        What.PHONE: (What.PHONE.label, patient.phone),
        What.DOCUMENT: (document, patient.document_number),
        What.ADDRESS: (What.ADDRESS.label, patient.address),
        What.GUARDIAN_PHONE: (
            What.GUARDIAN_PHONE.label,
            membership.guardian_phone if membership else "",
        ),
    }
    return [Shown(each, *known[each]) for each in known if each in what]


def known_details(patient: Patient) -> list[str]:
    """Codes of the details that there are to be seen of this patient."""
    members = Membership.objects.filter(patient=patient)
    known = {
        What.PHONE: bool(patient.phone_last4),
        What.DOCUMENT: bool(patient.document_last4),
        What.ADDRESS: bool(patient.address),
        What.GUARDIAN_PHONE: members.exclude(guardian_name="").exists(),
    }
    return [code for code, is_known in known.items() if is_known]


def accesses_of(root_id: int) -> QuerySet[AccessLog]:
    """Who saw this person's details in full, merged files included (C40), the latest first."""
    own = Q(patient=root_id) | Q(patient__merged_into=root_id)
    return _latest_first(AccessLog.objects.filter(own))


def accesses_between(since: date, until: date) -> QuerySet[AccessLog]:
    """Who saw whose details in full on these business days, both included, the latest first."""
    begins = datetime.combine(since, time(), SHANGHAI)
    ends = datetime.combine(until, time(), SHANGHAI) + timedelta(days=1)
    return _latest_first(AccessLog.objects.filter(at__gte=begins, at__lt=ends))


def _latest_first(found: QuerySet[AccessLog]) -> QuerySet[AccessLog]:
    return found.select_related("patient", "by").order_by("-at", "-pk")
