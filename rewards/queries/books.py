"""Whether issues, claims, uses and redemptions follow from the levels and the ledger."""

from collections.abc import Iterator
from pathlib import Path

from staff.guards import broken_guards

_SQL = Path(__file__).parents[1] / "sql"


def broken_rows() -> Iterator[str]:
    """A Chinese sentence per row that does not follow from the facts."""
    yield from broken_guards("rewards", *sorted(_SQL.glob("*.sql")))
