"""What the change-over to 方案B "from the cumulative total" still has to carry over (C3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

_VERSIONS = """
SELECT id, effective_from FROM scheme_scheme version
 WHERE effective_from <= %s AND points_changes_over(version) ORDER BY effective_from
"""

# What was carried over already is looked at before anything is added up.
_MISSING = """
WITH missing AS MATERIALIZED (
    SELECT file.id, coalesce(merged_into_id, file.id) AS root_id, since, version
      FROM unnest(%(files)s::bigint[], %(since)s::date[]) AS new (file_id, since)
      JOIN members_patient file ON file.id = file_id
      JOIN scheme_scheme version ON version.id = %(version)s
     WHERE NOT EXISTS (
           SELECT FROM points_pointsentry
            WHERE reference = format('changeover:%%s:%%s', version.id, file.id)))
SELECT id, root_id, points
  FROM missing, LATERAL points_carried_over(id, version) AS points
 WHERE points <> 0 OR since < (version).effective_from
 ORDER BY root_id, id
"""


@dataclass(frozen=True, slots=True)
class Changeover:
    """A version that switches 方案B on and lets earlier points count, and its first day."""

    scheme_id: int
    begins_on: date


@dataclass(frozen=True, slots=True)
class Carried:
    """Points of a file that become available, on the account that holds the file's points."""

    file_id: int
    account_id: int
    points: int


def changeovers(day: date) -> list[Changeover]:
    """Those that have begun by a business day, in order; one small statement."""
    return [Changeover(*row) for row in _rows(_VERSIONS, [day])]


def missing(version: Changeover, files: Mapping[int, date | None]) -> list[Carried]:
    """What these files are still to get from a change-over.

    The value by file is the first day of the version by which something is about to be posted:
    from before the change-over, it is noted with 0 points, too, so that it can be spent at once.
    """
    given = {"files": list(files), "since": list(files.values()), "version": version.scheme_id}
    return [Carried(*row) for row in _rows(_MISSING, given)]


def files_with_points(after: int, at_most: int) -> Sequence[int]:
    """The next files on which points may stand, by key."""
    sql = "SELECT id FROM members_patient WHERE id > %s ORDER BY id LIMIT %s"
    return [pk for (pk,) in _rows(sql, [after, at_most])]


def _rows(sql: str, given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
