from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from points.models import PointsEntry
from staff.models import User

# Accounts are locked in ascending order, entries of one account follow the order given.
_POST = """
INSERT INTO points_pointsentry
    (account_id, kind, cumulative_delta, available_delta, occurred_at, reference, scheme_id, by_id)
SELECT account_id, kind, cumulative_delta, available_delta, occurred_at, reference, scheme_id, %s
  FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::timestamptz[],
              %s::text[], %s::bigint[])
       WITH ORDINALITY AS new (account_id, kind, cumulative_delta, available_delta, occurred_at,
                               reference, scheme_id, place)
 ORDER BY account_id, place
RETURNING reference, id, cumulative_after, available_after
"""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be posted to a patient's account; deltas in points."""

    account_id: int
    kind: PointsEntry.Kind
    cumulative_delta: int
    available_delta: int
    occurred_at: datetime
    reference: str
    scheme_id: int


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry as the ledger took it, with the account's totals after it."""

    entry_id: int
    cumulative_after: int
    available_after: int


def post(*, entries: Sequence[NewEntry], by: User) -> dict[str, Posted]:
    """Append entries to the ledger in one statement; what was posted, by reference.

    The only place that inserts entries; the caller's transaction holds the accounts from here.
    """
    columns: list[list[Any]] = [
        [entry.account_id for entry in entries],
        [entry.kind.value for entry in entries],
        [entry.cumulative_delta for entry in entries],
        [entry.available_delta for entry in entries],
        [entry.occurred_at for entry in entries],
        [entry.reference for entry in entries],
        [entry.scheme_id for entry in entries],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_POST, [by.pk, *columns])
        return {row[0]: Posted(*row[1:]) for row in cursor.fetchall()}
