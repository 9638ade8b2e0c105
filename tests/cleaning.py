"""How the database is emptied after a test that really committed.

Django would truncate every table, which the ledgers refuse and which is slow. Here the owner
lifts the triggers of the tables that hold rows, deletes these, and restores the triggers, all in
one transaction. What migrations made (permissions, content types) and the roles stay.
"""

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper


def delete_everything(*_: object) -> None:
    """Empty the database, whatever triggers say.

    Keys are not used again, so what is kept in memory of a version of the rules stays true.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # A connection that a test left open in a transaction is an error, not a reason to hang.
        cursor.execute("SET LOCAL lock_timeout = '20s'")
        tables = _with_rows(cursor)
        _run(cursor, "ALTER TABLE {} DISABLE TRIGGER USER", tables)
        _run(cursor, "DELETE FROM {}", tables)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _run(cursor, "ALTER TABLE {} ENABLE TRIGGER USER", tables)


def _run(cursor: CursorWrapper, statement: str, tables: list[str]) -> None:
    if tables:
        cursor.execute("; ".join(statement.format(f'"{table}"') for table in tables))


def _with_rows(cursor: CursorWrapper) -> list[str]:
    """The tables of our models that hold rows, those that point at others before these."""
    models = reversed(list(apps.get_models(include_auto_created=True)))
    kept = {
        "django_content_type",
        "auth_permission",
        "auth_group",
        "auth_group_permissions",
    }
    there = set(connection.introspection.table_names(cursor)) - kept
    tables = [model._meta.db_table for model in models if model._meta.db_table in there]
    asked = ", ".join(f'(SELECT true FROM "{table}" LIMIT 1)' for table in tables)
    cursor.execute(f"SELECT {asked}")
    return [table for table, holds in zip(tables, cursor.fetchone(), strict=True) if holds]
