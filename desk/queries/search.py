"""The search box: who fits what was typed, those who came last first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from desk.queries.patients import age
from desk.queries.positions import Position, positions
from members.models import Card, Patient
from members.queries import (
    absorbed_numbers,
    files_named,
    files_numbered,
    files_with,
    stopped_card,
)
from members.rules import Asked, asked

AT_MOST, AS_ONE_TYPES = 20, 8
# So many files' visits are looked up one by one; a more frequent name is looked for among the
# newest receipts, where it soon comes up.
_FEW = 2000
_NEWEST_RECEIPTS = 1500
_EVERYBODY = 1_000_000
_TWICE = 4

_WHO_CAME_LAST = """
WITH found AS (
    SELECT id, coalesce(merged_into_id, id) AS kept FROM members_patient WHERE id = ANY(%(files)s)
), file AS (
    SELECT id, kept FROM found
     UNION SELECT kept, kept FROM found
     UNION SELECT id, merged_into_id FROM members_patient
            WHERE merged_into_id = ANY(ARRAY(SELECT kept FROM found))
)
SELECT kept FROM file
  LEFT JOIN LATERAL (SELECT day FROM points_receipt WHERE patient_id = file.id AND NOT voided
                      ORDER BY day DESC LIMIT 1) visit ON true
 GROUP BY kept ORDER BY max(day) DESC NULLS LAST, kept DESC LIMIT %(limit)s
"""
# Each OFFSET 0 keeps the planner from reading all names before it knows who came last.
_AMONG_THE_NEWEST = """
WITH receipt AS MATERIALIZED (
    SELECT patient_id, day FROM points_receipt WHERE NOT voided ORDER BY day DESC LIMIT %(newest)s
), visitor AS (
    SELECT patient_id, max(day) AS day FROM receipt GROUP BY 1 ORDER BY 2 DESC, 1 DESC OFFSET 0
)
SELECT kept FROM visitor
 CROSS JOIN LATERAL (SELECT coalesce(merged_into_id, id) AS kept FROM members_patient
                      WHERE id = patient_id OFFSET 0) own
 WHERE EXISTS (SELECT FROM members_patient file
                WHERE (file.id = kept OR file.merged_into_id = kept) AND {fits} OFFSET 0)
 ORDER BY day DESC, patient_id DESC LIMIT %(limit)s
"""
_BY_SURNAME = _AMONG_THE_NEWEST.format(fits="file.name LIKE %(name)s")
_BY_KEY = _AMONG_THE_NEWEST.format(
    fits="EXISTS (SELECT FROM members_searchkey WHERE patient_id = file.id AND key LIKE %(name)s)"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of the search's results."""

    patient: Patient
    age: int | None
    position: Position
    absorbed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """The search's results; `cut` when there are more than are shown.

    `stopped` is the card whose number was typed when it is no longer good.
    """

    rows: tuple[Hit, ...] = ()
    cut: bool = False
    stopped: Card | None = None

    @property
    def only(self) -> Hit | None:
        """The one hit that may be opened unseen."""
        return self.rows[0] if len(self.rows) == 1 and self.stopped is None else None


def search(typed: str, *, today: date, at_most: int = AT_MOST) -> Hits:
    """Patients that fit what was typed, with where they stand.

    A file, member or card number comes first, then who came last. A merged file that fits brings
    the file that it was merged into, once (C40).
    """
    what = asked(typed)
    found = _found(what, at_most + 1)
    rows = _hits(found[:at_most], today)
    return Hits(rows, cut=len(found) > at_most, stopped=stopped_card(what))


def _found(what: Asked, limit: int) -> list[int]:
    numbered = files_numbered(what, at_most=limit)
    found = _who_came_last(numbered, limit) if numbered else []
    if what.name:
        return _distinct(found + _named(what, limit))[:limit]
    others = files_with(what, at_most=_FEW)
    return _distinct(found + (_who_came_last(others, limit) if others else []))[:limit]


def _named(what: Asked, limit: int) -> list[int]:
    files = files_named(what, at_most=_FEW + 1)
    if len(files) > _FEW:
        among = _BY_SURNAME if what.is_surname else _BY_KEY
        newest = _keys(among, name=f"{what.name}%", newest=_NEWEST_RECEIPTS, limit=limit + _TWICE)
        # A person who came under two numbers stands among them twice.
        if len(_distinct(newest)) >= limit:
            return _distinct(newest)[:limit]
        files = files_named(what, at_most=_EVERYBODY)
    return _who_came_last(files, limit) if files else []


def _who_came_last(files: list[int], limit: int) -> list[int]:
    return _keys(_WHO_CAME_LAST, files=files, limit=limit)


def _keys(statement: str, **values: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [key for (key,) in cursor.fetchall()]


def _distinct(keys: list[int]) -> list[int]:
    return list(dict.fromkeys(keys))


def _hits(keys: list[int], today: date) -> tuple[Hit, ...]:
    if not keys:
        return ()
    # Nothing of the numbers is deciphered for a list that shows none of them.
    files = Patient.objects.defer("phone", "document_number", "address").in_bulk(keys)
    places, merged = positions(keys, today=today), absorbed_numbers(keys)
    return tuple(
        Hit(files[key], age(files[key], today), places[key], merged.get(key, ())) for key in keys
    )
