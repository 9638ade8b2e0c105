"""What a file holds now, and who changed it before, with the old values masked (R30)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
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
    files = _files_around(changes)
    members = _memberships_before(changes, files)
    return [
        ShownChange(change, tuple(_was(change, file, member)))
        for change, (file, _), member in zip(changes, files, members, strict=True)
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


def _files_around(changes: list[DetailsChange]) -> list[tuple[Any, Any]]:
    """The file before each change and as it left it; None where no history says so."""
    events = _events(Patient, [change.patient_id for change in changes])
    found: list[tuple[Any, Any]] = []
    for change in changes:
        own = events.get(change.patient_id, [])
        steps = zip([None, *own], own, strict=False)
        after = (step for step in steps if step[1].updated_at == change.changed_at)
        found.append(next(after, (None, None)))
    return found


def _memberships_before(changes: list[DetailsChange], files: list[tuple[Any, Any]]) -> list[Any]:
    """The membership before each change that touched it: the step that the same moment wrote.

    An import may have changed the same answers later.
    """
    members = [change.membership_id for change in changes if change.membership_id]
    steps = {key: _steps(own) for key, own in _events(Membership, members).items()}
    found: list[Any] = []
    for change, (_, left) in zip(changes, files, strict=True):
        wanted = (_OF_MEMBERSHIP & set(change.fields), left.pgh_created_at if left else None)
        own = steps.get(change.membership_id or 0, [])
        place = next((n for n, (*step, _) in enumerate(own) if tuple(step) == wanted), None)
        if place is None:
            found.append(None)
            continue
        found.append(own[place][-1])
        del own[: place + 1]
    return found


def _steps(events: list[Any]) -> list[tuple[frozenset[str], datetime, Any]]:
    """What each event changed and when, and the event before it; the newest first."""
    return [
        (_changed(before, after), after.pgh_created_at, before)
        for before, after in reversed(list(zip(events, events[1:], strict=False)))
    ]


def _changed(before: Any, after: Any) -> frozenset[str]:
    return frozenset(
        field for field in _OF_MEMBERSHIP if getattr(before, field) != getattr(after, field)
    )


def _events(model: Any, keys: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    stored = model.pgh_event_model.objects.filter(pgh_obj__in=set(keys))
    for event in stored.order_by("pgh_id"):
        found.setdefault(event.pgh_obj_id, []).append(event)
    return found
