"""Whether issues, claims, uses and redemptions follow from the levels and the ledger."""

from collections.abc import Iterator
from pathlib import Path

from django.db import connection, transaction

from rewards.queries.books.facts import FACTS
from rewards.queries.books.redemptions import REDEMPTIONS
from rewards.queries.books.uses import USES
from staff.guards import broken_guards, broken_history

__all__ = ["broken_rows"]

_SQL = Path(__file__).parents[2] / "sql"
_TRACKED = {
    "rewards_giftchange": "换发礼品申请 {}",
    "rewards_issue": "礼品发放 {}",
    "rewards_claim": "服务领取 {}",
    "rewards_use": "服务使用 {}",
    "rewards_undoing": "撤销记录 {}",
    "rewards_settlement": "结算记录 {}",
}


def broken_rows() -> Iterator[str]:
    """A Chinese sentence per row that does not follow from the facts."""
    yield from broken_guards("rewards", *sorted(_SQL.glob("*.sql")))
    for table, called in _TRACKED.items():
        yield from broken_history(table, called)
    for statement in (*FACTS, *USES, *REDEMPTIONS):
        for name, wrong in _rows(statement):
            yield f"{name}：{wrong}"


def _rows(statement: str) -> list[tuple[str, str]]:
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling so many conditions takes longer than checking any hospital's books.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(statement)
        return list(cursor.fetchall())
