"""What a file holds now, and who changed it before, with the old values masked (R30)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from members.models import DetailsChange, Membership, Patient, keyed_hash
from members.rules import (
    DOCUMENT_TYPES,
    SEXES,
    Guardian,
    masked_address,
    masked_document,
    masked_phone,
)
from members.rules.changes import CHANGEABLE, Record
from members.rules.enrolment import CONSENTS, GUARDIAN_FIELDS

SHOWN_AT_MOST = 20
_OF_MEMBERSHIP = frozenset({*CONSENTS, *GUARDIAN_FIELDS})


def record_of(patient: Patient, membership: Membership | None) -> Record:
    """What may change of a file and its membership."""
    if membership is None:
        return Record(patient.details())
    consents = {field: bool(getattr(membership, field)) for field in CONSENTS}
    said = [getattr(membership, field) for field in GUARDIAN_FIELDS]
    return Record(patient.details(), consents, Guardian(*said) if any(said) else None)


def seen_of(record: Record) -> str:
    """A mark of what a form showed; another one after any change."""
    return keyed_hash("details", repr(sorted(record.values().items())))


def last_change(patient: Patient) -> DetailsChange | None:
    """The newest change of this file's data by a colleague."""
    return _changes(patient.pk).first()


@dataclass(frozen=True, slots=True)
class Was:
    """What a field was called and held before a change, as everybody may see it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change of data with what the fields held before."""

    change: DetailsChange
    was: tuple[Was, ...]


def shown_changes(root_id: int) -> list[ShownChange]:
    """The latest 20 changes of a person's data, merged files included, the newest first."""
    changes = list(_changes(root_id)[:SHOWN_AT_MOST])
    if not changes:
        return []
    before_file = _files_before(changes)
    before_member = _memberships_before(changes)
    return [
        ShownChange(change, tuple(_was(change, before_file[n], before_member[n])))
        for n, change in enumerate(changes)
    ]


def _changes(root_id: int) -> QuerySet[DetailsChange]:
    own = Q(patient=root_id) | Q(patient__merged_into=root_id)
    return DetailsChange.objects.filter(own).select_related("by").order_by("-changed_at", "-pk")


def _was(change: DetailsChange, file: Any, member: Any) -> Iterator[Was]:
    for field in change.fields:
        event = member if field in _OF_MEMBERSHIP else file
        if field in CHANGEABLE:
            yield Was(CHANGEABLE[field], _masked(field, event) if event else "未留存")


def _masked(field: str, event: Any) -> str:
    value = getattr(event, field)
    shown: Mapping[str, str] = {
        "phone": masked_phone(event.phone_last4) if field == "phone" else "",
        "document_number": masked_document(str(value)[-4:]),
        "document_type": DOCUMENT_TYPES.get(str(value), ""),
        "address": masked_address(str(value)),
        "sex": SEXES.get(str(value), ""),
        "guardian_phone": masked_phone(str(value)[-4:]),
    }
    if isinstance(value, bool):
        return "是" if value else "否"
    return shown.get(field, str(value or "")) or "空"


def _files_before(changes: list[DetailsChange]) -> list[Any]:
    """The file before each change: the event before the one with the change's moment."""
    events = _events(Patient, [change.patient_id for change in changes])
    found: list[Any] = []
    for change in changes:
        own = events.get(change.patient_id, [])
        places = [n for n, event in enumerate(own) if event.updated_at == change.changed_at]
        found.append(own[places[0] - 1] if places and places[0] else None)
    return found


def _memberships_before(changes: list[DetailsChange]) -> list[Any]:
    """The membership before each change that touched it, found from the newest backwards."""
    members = [change.membership_id for change in changes if change.membership_id]
    steps = {key: _steps(own) for key, own in _events(Membership, members).items()}
    found: list[Any] = []
    for change in changes:
        touched = _OF_MEMBERSHIP & set(change.fields)
        own = steps.get(change.membership_id or 0, [])
        place = next((n for n, (fields, _) in enumerate(own) if fields == touched), None)
        if not touched or place is None:
            found.append(None)
            continue
        found.append(own[place][1])
        del own[: place + 1]
    return found


def _steps(events: list[Any]) -> list[tuple[set[str], Any]]:
    """What each event changed, and the event before it; the newest first."""
    pairs = zip(events, events[1:], strict=False)
    return [
        ({field for field in _OF_MEMBERSHIP if getattr(a, field) != getattr(b, field)}, a)
        for a, b in reversed(list(pairs))
    ]


def _events(model: Any, keys: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    stored = model.pgh_event_model.objects.filter(pgh_obj__in=set(keys))
    for event in stored.order_by("pgh_id"):
        found.setdefault(event.pgh_obj_id, []).append(event)
    return found
