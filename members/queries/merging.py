"""Which files were merged, and which look as if they should be (C40)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, overload

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Q

from members.models import DistinctFiles, FileMerge, Patient
from staff.models import Approval

SUSPECTS_A_PAGE = 50
SAME_DOCUMENT, SAME_PHONE, SAME_NAME = "document", "phone", "name"

_BELOW = """
WITH RECURSIVE below(id) AS (
    SELECT absorbed_id FROM members_filemerge
     WHERE kept_id = %s AND merged_at IS NOT NULL AND undone_at IS NULL
    UNION
    SELECT merge.absorbed_id FROM below JOIN members_filemerge merge ON merge.kept_id = below.id
     WHERE merge.merged_at IS NOT NULL AND merge.undone_at IS NULL
) SELECT id FROM below
"""
# Each reason joins the files to themselves by what they share, so that it stays one hash join.
_PAIRS = """
WITH file AS (SELECT * FROM members_patient WHERE merged_into_id IS NULL),
alike AS (
    SELECT a.id AS one, b.id AS other, 1 AS rank, 'document' AS reason
      FROM file a JOIN file b ON a.document_type = b.document_type
       AND a.document_index = b.document_index AND a.id < b.id
     WHERE a.document_index <> ''
    UNION ALL
    SELECT a.id, b.id, 2, 'phone'
      FROM file a JOIN file b ON a.phone_index = b.phone_index
       AND a.birth_date = b.birth_date AND a.id < b.id
     WHERE a.phone_index <> ''
    UNION ALL
    SELECT a.id, b.id, 3, 'name'
      FROM file a JOIN file b ON a.name = b.name AND a.birth_date = b.birth_date AND a.id < b.id
),
pair AS (
    SELECT one, other, array_agg(reason ORDER BY rank) AS reasons, min(rank) AS rank FROM alike
     WHERE NOT EXISTS (SELECT FROM members_distinctfiles WHERE first_id = one AND second_id = other)
       AND NOT EXISTS (
           SELECT FROM members_filemerge merge JOIN staff_approval asked ON asked.id = approval_id
            WHERE (kept_id, absorbed_id) IN ((one, other), (other, one)) AND merged_at IS NULL
              AND decided_at IS NULL AND withdrawn_at IS NULL)
     GROUP BY one, other
)
"""
_COUNT = _PAIRS + "SELECT count(*) FROM pair"
_SLICE = (
    _PAIRS + "SELECT one, other, reasons FROM pair ORDER BY rank, one, other LIMIT %s OFFSET %s"
)


@dataclass(frozen=True, slots=True)
class Suspect:
    """Two files, the older first, that may be one person's; `reasons` are SAME_… constants."""

    first: Patient
    second: Patient
    reasons: tuple[str, ...]


class _Suspects(Sequence[Suspect]):
    """All of them, read a slice at a time."""

    def __len__(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT)
            return int(cursor.fetchone()[0])

    @overload
    def __getitem__(self, wanted: int) -> Suspect: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Suspect]: ...
    def __getitem__(self, wanted: int | slice) -> Suspect | list[Suspect]:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        with connection.cursor() as cursor:
            cursor.execute(_SLICE, [wanted.stop - wanted.start, wanted.start])
            rows: list[Any] = cursor.fetchall()
        keys = {key for one, other, _ in rows for key in (one, other)}
        files = Patient.objects.select_related("membership").in_bulk(keys)
        return [Suspect(files[one], files[other], tuple(reasons)) for one, other, reasons in rows]


def suspects(number: str) -> Page[Suspect]:
    """One page of pairs of files that share document, phone and birth date, or name and birth date.

    Pairs whose merge is asked for, and those marked as two people, are left out. The same document
    comes first. A wrong page number is the nearest.
    """
    return Paginator(_Suspects(), SUSPECTS_A_PAGE).get_page(number)


def reasons_for(first: Patient, second: Patient) -> tuple[str, ...]:
    """What two files share of what makes them suspects."""
    documents = [(file.document_type, file.document_index) for file in (first, second)]
    born = first.birth_date is not None and first.birth_date == second.birth_date
    shared = {
        SAME_DOCUMENT: bool(first.document_index) and documents[0] == documents[1],
        SAME_PHONE: born and bool(first.phone_index) and first.phone_index == second.phone_index,
        SAME_NAME: born and first.name == second.name,
    }
    return tuple(reason for reason, holds in shared.items() if holds)


def waiting_merge(one: int, other: int) -> FileMerge | None:
    """The request to merge these two files, whichever is to be kept."""
    pair = Q(kept=one, absorbed=other) | Q(kept=other, absorbed=one)
    found = FileMerge.objects.waiting().filter(pair)
    return found.select_related("approval__requested_by", "kept", "absorbed").first()


def merge_of_request(asked: Approval) -> FileMerge | None:
    """The merge that a request is about, also one that a later request has replaced."""
    found = FileMerge.objects.select_related("kept", "absorbed")
    if merge := found.filter(Q(approval=asked) | Q(undo_approval=asked)).first():
        return merge
    events = FileMerge.pgh_event_model.objects.filter(undo_approval=asked)  # type: ignore[attr-defined]
    return found.filter(pk__in=events.values("pgh_obj")).first()


def distinct_mark(one: int, other: int) -> DistinctFiles | None:
    """The record that says the two are different people."""
    found = DistinctFiles.objects.filter(first=min(one, other), second=max(one, other))
    return found.select_related("by").first()


def live_merges_into(root_id: int) -> list[FileMerge]:
    """The merges that hold and lead to this file, directly or through others, latest first."""
    found = FileMerge.objects.live().filter(absorbed__merged_into=root_id)
    related = ("kept", "absorbed", "approval__requested_by", "undo_approval__requested_by")
    return list(found.select_related(*related).order_by("-merged_at", "-pk"))


def live_below(file_id: int) -> list[int]:
    """The keys of the files that were merged into this one, directly or through others."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [file_id])
        return [key for (key,) in cursor.fetchall()]


def absorbed_numbers(root_ids: Collection[int]) -> dict[int, list[str]]:
    """The file numbers that were merged into each of these files."""
    found = Patient.objects.filter(merged_into__in=root_ids).order_by("file_number")
    numbers: dict[int, list[str]] = defaultdict(list)
    for root_id, number in found.values_list("merged_into_id", "file_number"):
        numbers[root_id].append(number)
    return numbers
