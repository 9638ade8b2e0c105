"""Patient files as people ask for them: by any of their numbers, by any part of their name."""

from django.db.models import Q, QuerySet

from members.models import Card, Patient, SearchKey, keyed_hash
from members.rules import DOCUMENT_TYPES, Asked, is_card_number


def patient_by_file_number(file_number: str) -> Patient | None:
    """The patient file with exactly this number, or the one that it was merged into (C40)."""
    found = Patient.objects.select_related("merged_into").filter(file_number=file_number).first()
    return found.merged_into or found if found else None


def files_numbered(asked: Asked, *, at_most: int) -> list[int]:
    """Keys of the files with this file number, member number or card number, also a stopped one."""
    if not asked.number:
        return []
    # One column a branch: a condition over several tables would read all of them.
    return _keys(
        Q(file_number__in={asked.number, asked.number.upper()}),
        Q(membership__number=asked.number),
        Q(membership__cards__number=asked.number),
        at_most=at_most,
    )


def files_with(asked: Asked, *, at_most: int) -> list[int]:
    """Keys of the files with this phone or document, whole or its last four, merged ones too."""
    wanted = []
    if asked.phone:
        wanted.append(Q(phone_index=keyed_hash("phone", asked.phone)))
    if asked.document:
        hashes = [keyed_hash(kind, asked.document) for kind in DOCUMENT_TYPES]
        wanted.append(Q(document_index__in=hashes))
    if asked.tail:
        wanted += [Q(phone_last4=asked.tail), Q(document_last4=asked.tail)]
    return _keys(*wanted, at_most=at_most) if wanted else []


def files_named(asked: Asked, *, at_most: int) -> list[int]:
    """Keys of files, merged ones too, whose name is found by what was typed; in no order."""
    if not asked.name:
        return []
    if asked.is_surname:
        of_surname = Patient.objects.filter(name__startswith=asked.name)
        if found := list(of_surname.values_list("pk", flat=True)[:at_most]):
            return found
    named = SearchKey.objects.filter(key__startswith=asked.name)
    return list(named.values_list("patient_id", flat=True)[:at_most])


def stopped_card(asked: Asked) -> Card | None:
    """The card with this number, if it is no longer good (R70)."""
    if not is_card_number(asked.number):
        return None
    return Card.objects.filter(number=asked.number, stopped_at__isnull=False).first()


def _keys(*conditions: Q, at_most: int) -> list[int]:
    first, *others = (_pks(condition) for condition in conditions)
    return list(first.union(*others)[:at_most])


def _pks(condition: Q) -> "QuerySet[Patient, int]":
    return Patient.objects.filter(condition).values_list("pk", flat=True)
