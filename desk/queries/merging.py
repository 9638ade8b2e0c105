"""Two files beside each other, and what waits about merged files (C40)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page
from django.db.models import Count, Max, Min, Q

from desk.queries.patients import age
from desk.queries.positions import Position, position
from members import queries
from members.exceptions import unknown_patient
from members.models import DistinctFiles, FileMerge, Membership, Patient
from members.queries.merging import SAME_DOCUMENT, SAME_NAME, SAME_PHONE, Suspect, reasons_for
from points.models import Receipt
from staff.exceptions import Refusal
from staff.models import Approval

REASONS = {
    SAME_DOCUMENT: "证件相同",
    SAME_PHONE: "电话和出生日期相同",
    SAME_NAME: "姓名和出生日期相同",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of two files: who, where the points stand, how many receipts from when to when."""

    patient: Patient
    age: int | None
    membership: Membership | None
    position: Position
    receipts: int
    first_day: date | None
    last_day: date | None
    absorbed: Sequence[str]


def side(patient: Patient, *, today: date) -> Side:
    """What stands in a file, the files merged into it included."""
    paid = Receipt.objects.filter(
        Q(patient=patient) | Q(patient__merged_into=patient), voided=False
    )
    found = paid.aggregate(count=Count("pk"), first=Min("day"), last=Max("day"))
    return Side(
        patient=patient,
        age=age(patient, today),
        membership=Membership.objects.filter(patient=patient).first(),
        position=position(patient.pk, today=today),
        receipts=found["count"],
        first_day=found["first"],
        last_day=found["last"],
        absorbed=queries.absorbed_numbers([patient.pk]).get(patient.pk, ()),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two files that may be one person's, and what was said of them before."""

    sides: tuple[Side, Side]
    shared: tuple[str, ...]
    asked: FileMerge | None
    mark: DistinctFiles | None

    def keepable(self) -> list[Patient]:
        """Which may be kept, the one to suggest first: a member's file, else the older."""
        members = [side.patient for side in self.sides if side.membership]
        return members or [side.patient for side in self.sides]


def comparison(one: int, other: int, *, today: date) -> Comparison:
    """Two files that stand for somebody, the older first; raises Patient.DoesNotExist."""
    first, second = (
        side(Patient.objects.get(pk=pk, merged_into=None), today=today)
        for pk in sorted((one, other))
    )
    return Comparison(
        sides=(first, second),
        shared=shared(reasons_for(first.patient, second.patient)),
        asked=queries.waiting_merge(one, other),
        mark=queries.distinct_mark(one, other),
    )


def shared(reasons: Sequence[str]) -> tuple[str, ...]:
    """Why two files look like one person's, in Chinese."""
    return tuple(REASONS[reason] for reason in reasons)


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the list of suspects."""

    files: tuple[Patient, Patient]
    shared: tuple[str, ...]


def pairs(page: Page[Suspect]) -> list[Pair]:
    """The lines of a page of suspects."""
    return [Pair((row.first, row.second), shared(row.reasons)) for row in page]


def two_files(one: str, other: str) -> tuple[Patient, Patient]:
    """The files that stand for two numbers.

    Raises Refusal 404 for an unknown number, 422 when both stand for the same file.
    """
    files = []
    for number, field in ((one, "one"), (other, "other")):
        file = queries.patient_by_file_number(number)
        if file is None:
            raise Refusal("unknown_patient", 404, unknown_patient(number).message, field)
        files.append(file)
    if files[0] == files[1]:
        message = f"{one} 和 {other} 已是同一份档案，没有什么要合并的"
        raise Refusal("same_file", 422, message, "other")
    return files[0], files[1]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about merged files that waits; `undo` when it would part them."""

    merge: FileMerge
    undo: bool

    @property
    def approval(self) -> Approval | None:
        """The request itself."""
        return self.merge.undo_approval if self.undo else self.merge.approval


def waiting_requests() -> list[Asked]:
    """What waits for a manager's word about merging and parting, the oldest first."""
    related = ("approval__requested_by", "undo_approval__requested_by", "kept", "absorbed")
    merges = FileMerge.objects.select_related(*related).order_by("pk")
    parting = merges.live().filter(
        undo_approval__isnull=False,
        undo_approval__decided_at=None,
        undo_approval__withdrawn_at=None,
    )
    return [
        *(Asked(merge, undo=False) for merge in merges.waiting()),
        *(Asked(merge, undo=True) for merge in parting),
    ]


def holding_merge(pk: int) -> FileMerge | None:
    """A merge that holds."""
    found = FileMerge.objects.live().select_related("kept", "absorbed", "undo_approval")
    return found.filter(pk=pk).first()
