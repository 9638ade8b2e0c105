"""Whether ledger, facts and levels agree with each other: a sentence per row that doesn't."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from points.models import PointsEntry
from points.queries.books.facts import FACTS
from points.queries.books.ledger import LEDGER
from points.queries.books.levels import broken_levels
from points.queries.books.merges import broken_merges
from staff.guards import broken_guards

__all__ = ["broken_rows", "count_entries"]

_SQL = Path(__file__).parents[2] / "sql"


def broken_rows() -> Iterator[str]:
    """A Chinese sentence per row of ledger or levels that does not follow from the facts."""
    yield from broken_guards("points", *sorted(_SQL.glob("*.sql")))
    for statement in (*LEDGER, *FACTS):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for name, wrong in cursor.fetchall():
                yield f"{name}：{wrong}"
    yield from broken_merges()
    yield from broken_levels()


def count_entries() -> int:
    """Lines in the points ledger."""
    return PointsEntry.objects.count()
