"""The shipped rules, in memory or published, and small changes to them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from scheme.models import Item, Scheme
from scheme.operations.document import rules_in
from scheme.operations.loading import load_scheme
from scheme.operations.publishing import publish
from scheme.queries import published_rules
from scheme.rules import Rules
from staff.models import User

FILES = Path(__file__).parents[2] / "schemes"

BEFORE_2013 = datetime(2013, 9, 1, tzinfo=UTC)
BEFORE_2026 = datetime(2025, 12, 1, tzinfo=UTC)


def document(name: str = "qujing_dental", **replaced: str) -> str:
    """A shipped file, in which the settings named have another value (as TOML)."""
    text = (FILES / f"{name}.toml").read_text(encoding="utf-8")
    for key, value in replaced.items():
        text = with_line(text, key, value)
    return text


def with_line(text: str, key: str, value: str) -> str:
    """The text with another value in the first line that sets `key`."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith(f"{key} = "):
            lines[number] = f"{key} = {value}"
            return "\n".join(lines)
    raise AssertionError(f"{key} is not in the file")


def rules(**changes: Any) -> Rules:
    """The shipped rules with these changes, not stored anywhere."""
    return replace(rules_in(document()), **changes)


def published(name: str = "qujing_dental", **replaced: str) -> Scheme:
    """A shipped file as the first version of an empty database."""
    text, by = document(name, **replaced), User.objects.system()
    first = not Scheme.objects.exists() and not Item.objects.exists()
    if first and text in _rows:
        scheme = _as_it_was(_rows[text], by)
    else:
        scheme = load_scheme(document=text, by=by, now=BEFORE_2013).scheme
        if first:
            _rows[text] = _taken_down()
    published_rules(scheme.pk)
    return scheme


# What a file led to when it was loaded, by its text: the rows of each table as JSON. Most tests
# begin with a file, and loading it takes longer than most tests.
_rows: dict[str, dict[str, str]] = {}


def _taken_down() -> dict[str, str]:
    with connection.cursor() as cursor:
        tables = [model._meta.db_table for model in apps.get_app_config("scheme").get_models()]
        columns = ", ".join(f"(SELECT json_agg(row)::text FROM {table} row)" for table in tables)
        cursor.execute(f"SELECT {columns}")
        return {table: rows for table, rows in zip(tables, cursor.fetchone(), strict=True) if rows}


def _as_it_was(rows: dict[str, str], by: User) -> Scheme:
    put = [
        f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)"
        for table in rows
    ]
    put.append("UPDATE scheme_scheme SET published_by_id = %s, changed_by_id = %s")
    replica = "SET LOCAL session_replication_role = {}"
    script = "; ".join([replica.format("replica"), *put, replica.format("origin")])
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(script, [*rows.values(), by.pk, by.pk])
    return Scheme.objects.get()


def draft(name: str = "qujing_dental_both", **replaced: str) -> Scheme:
    """A shipped file as a draft beside the published version, which is there afterwards."""
    if not Scheme.objects.published().exists():
        published()
    return load_scheme(
        document=document(name, **replaced), by=User.objects.system(), now=BEFORE_2026
    ).scheme


def published_by_two(scheme: Scheme) -> Scheme:
    """The draft, requested by one colleague and published by another."""
    return publish(
        scheme=scheme,
        requested_by=colleague("marketing", "赵敏"),
        decided_by=colleague("manager", "钱伟"),
        now=BEFORE_2026,
    )


def colleague(username: str, name: str) -> User:
    """A user without a role."""
    return User.objects.get_or_create(username=username, defaults={"name": name})[0]
