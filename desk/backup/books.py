"""What a backup asks the database itself, over a connection of its own."""

import contextlib
from collections.abc import Iterator
from typing import TypeAlias

import psycopg
from django.db import connection
from psycopg import sql

Books: TypeAlias = "psycopg.Connection[tuple[object, ...]]"

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
_MIGRATIONS = "SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app"
_DJANGOS = {"context", "cursor_factory", "prepare_threshold"}


@contextlib.contextmanager
def one_moment() -> Iterator[Books]:
    """The product's database as it is at this moment, for as long as the block lasts."""
    given = connection.get_connection_params()
    plain = {name: value for name, value in given.items() if name not in _DJANGOS}
    with psycopg.connect(**plain) as books:
        books.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        books.read_only = True
        yield books


def shared_moment(books: Books) -> str:
    """The name by which another program sees the same moment."""
    row = books.execute("SELECT pg_export_snapshot()").fetchone()
    assert row is not None
    return str(row[0])


def tables(books: Books) -> list[str]:
    return [str(table) for (table,) in books.execute(_TABLES).fetchall()]


def rows(books: Books) -> dict[str, int]:
    """The number of rows of every table."""
    counts = {}
    for table in tables(books):
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        row = books.execute(count).fetchone()
        assert row is not None and isinstance(row[0], int)
        counts[table] = row[0]
    return counts


def migrations(books: Books) -> dict[str, str]:
    """The last migration per app."""
    return {str(app): str(name) for app, name in books.execute(_MIGRATIONS).fetchall()}


def server_version(books: Books) -> int:
    """The major version of the server."""
    return books.info.server_version // 10_000
