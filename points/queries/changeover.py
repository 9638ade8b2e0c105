"""What the change-over to 方案B "from the cumulative total" still has to carry over (C3)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

_VERSIONS = """
SELECT id, effective_from FROM scheme_scheme version
 WHERE effective_from <= %s AND points_changes_over(version) ORDER BY effective_from
"""

# What was carried over already is looked at before anything is added up. Merged files count on
# one account, so that their points come together.
_MISSING = """
WITH given AS (
    SELECT file_id, since, coalesce(merged_into_id, file_id) AS root_id
      FROM unnest(%(files)s::bigint[], %(since)s::date[]) AS new (file_id, since)
      JOIN members_patient ON id = file_id),
file (id, root_id, since) AS (
    SELECT file_id, root_id, since FROM given
    UNION ALL
    SELECT root_id, root_id, NULL FROM given
    UNION ALL
    SELECT other.id, root_id, NULL FROM given
      JOIN members_patient other ON other.merged_into_id = root_id),
missing AS MATERIALIZED (
    SELECT id, root_id, min(since) AS since FROM file
     WHERE NOT EXISTS (
           SELECT FROM points_pointsentry
            WHERE reference = format('changeover:%%s:%%s', %(version)s::bigint, file.id))
     GROUP BY id, root_id)
SELECT missing.id, root_id, points
  FROM missing JOIN scheme_scheme version ON version.id = %(version)s,
       LATERAL points_carried_over(missing.id, version) AS points
 WHERE points <> 0 OR since < version.effective_from
 ORDER BY root_id, missing.id
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


def missing(scheme_id: int, files: Mapping[int, date | None]) -> list[Carried]:
    """What these files, and those merged with them, are still to get from a change-over.

    The value by file is the first day of the version by which something is about to be posted:
    from before the change-over, it is noted with 0 points, too, so that it can be spent at once.
    """
    given = {"files": list(files), "since": list(files.values()), "version": scheme_id}
    return [Carried(*row) for row in _rows(_MISSING, given)]


def waiting(scheme_id: int, account_ids: Collection[int]) -> Counter[int]:
    """What these accounts still get from before 方案B with the next entry, in points by account.

    `scheme_id` is the last version that changes over; what it brings includes what an earlier one
    has left. One statement.
    """
    points = Counter[int]()
    for each in missing(scheme_id, dict.fromkeys(account_ids)):
        points[each.account_id] += each.points
    return points


def files_with_points(after: int, at_most: int) -> Sequence[int]:
    """The next files on which points may stand, by key."""
    sql = "SELECT id FROM members_patient WHERE id > %s ORDER BY id LIMIT %s"
    return [pk for (pk,) in _rows(sql, [after, at_most])]


def _rows(sql: str, given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
