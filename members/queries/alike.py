"""Files that may be the same person's, while somebody types a new one (C40)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q

from members.models import Patient, keyed_hash
from members.rules import PatientDetails

ALIKE_AT_MOST = 5

_DOCUMENT, _PHONE, _PERSON = "证件相同", "电话相同", "姓名和出生日期相同"


@dataclass(frozen=True, slots=True)
class Alike:
    """A file that agrees with what was typed, and in what."""

    patient: Patient
    reasons: tuple[str, ...]

    @property
    def same_document(self) -> bool:
        return _DOCUMENT in self.reasons


def files_alike(typed: PatientDetails, *, besides: int | None = None) -> list[Alike]:
    """At most 5 files with the same document, phone, or name and birth date; never `besides`.

    The same document first. A merged file counts for the one that it was merged into.
    """
    wanted = Q()
    for condition in _conditions(typed):
        wanted |= condition
    if not wanted:
        return []
    files = Patient.objects.filter(wanted).select_related("merged_into__membership", "membership")
    if besides:
        files = files.exclude(pk=besides).exclude(merged_into=besides)
    found: dict[int, Alike] = {}
    for file in files.order_by("pk")[: ALIKE_AT_MOST * 4]:
        root = file.merged_into or file
        known = found[root.pk].reasons if root.pk in found else ()
        reasons = dict.fromkeys((*known, *_reasons(file, typed)))
        found[root.pk] = Alike(root, tuple(reasons))
    return sorted(found.values(), key=lambda one: not one.same_document)[:ALIKE_AT_MOST]


def _conditions(typed: PatientDetails) -> Iterator[Q]:
    if typed.document_number:
        index = keyed_hash(typed.document_type, typed.document_number)
        yield Q(document_type=typed.document_type, document_index=index)
    if typed.phone:
        yield Q(phone_index=keyed_hash("phone", typed.phone))
    if typed.name and typed.birth_date:
        yield Q(name=typed.name, birth_date=typed.birth_date)


def _reasons(file: Patient, typed: PatientDetails) -> tuple[str, ...]:
    index = keyed_hash(typed.document_type, typed.document_number)
    document = (file.document_type, file.document_index) == (typed.document_type, index)
    phone = file.phone_index == keyed_hash("phone", typed.phone)
    person = (file.name, file.birth_date) == (typed.name, typed.birth_date)
    agrees = {
        _DOCUMENT: document and typed.document_number,
        _PHONE: phone and typed.phone,
        _PERSON: person and typed.birth_date,
    }
    return tuple(reason for reason, true in agrees.items() if true)
