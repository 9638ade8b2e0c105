"""Patients as people ask for them: any of their numbers finds the file that is left (C40)."""

from django.db.models import Q, QuerySet

from members.models import Patient, keyed_hash
from staff.rules import plain

FOUND_AT_MOST = 20


def patient_by_file_number(file_number: str) -> Patient | None:
    """The patient file with exactly this number, or the one that it was merged into (C40)."""
    found = Patient.objects.select_related("merged_into").filter(file_number=file_number).first()
    return found.merged_into or found if found else None


def find_patients(written: str) -> list[Patient]:
    """Patients by file number, member number, whole phone or its last four, or name's beginning.

    At most 20, the exact number first. The shape of what was written chooses the column. A
    merged file that fits brings the file that it was merged into, once (C40).
    """
    wanted = plain(written)
    if not wanted.isascii():
        wanted = "".join(wanted.split())
    if not wanted or not wanted.isprintable():
        return []
    exact = Q(file_number=wanted) | Q(membership__number=wanted)
    found = list(_fitting(exact).order_by("pk")[:FOUND_AT_MOST])
    others = _fitting(_by_shape(wanted)).exclude(pk__in=[file.pk for file in found])
    found += others.order_by("name", "pk")[: FOUND_AT_MOST - len(found)]
    return _roots(found)


def _fitting(condition: Q) -> QuerySet[Patient]:
    fields = ("merged_into__membership", "membership")
    return Patient.objects.filter(condition).select_related(*fields)


def _roots(files: list[Patient]) -> list[Patient]:
    roots = [file.merged_into or file for file in files]
    return list({root.pk: root for root in roots}.values())


def _by_shape(wanted: str) -> Q:
    digits = wanted.replace("-", "").replace(" ", "")
    if digits.isascii() and digits.isdigit() and len(digits) >= 10:
        return Q(phone_index=keyed_hash("phone", digits))
    if digits.isascii() and digits.isdigit() and len(digits) == 4:
        return Q(phone_last4=digits)
    return Q(name__startswith=wanted)
