"""Field keys rotate while the desk goes on: docs/runbook.md has the steps (R41)."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from psycopg import sql

from staff.models.encrypted import EncryptedTextField, keyring

ROWS_AT_ONCE = 200
_OTHERS = """
SELECT virtualtransaction FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE locktype = 'virtualxid' AND datname = current_database() AND pid <> pg_backend_pid()
   AND coalesce(backend_type, 'client backend') = 'client backend'
"""
_WAIT = 0.2
_NEXT = "SELECT {key} FROM {table} WHERE {key} > %s ORDER BY {key} LIMIT %s"
_READ = "SELECT {key}, {columns} FROM {table} WHERE {of} = ANY(%s) ORDER BY {key}"
_WRITE = "UPDATE {table} SET {assignments} WHERE {key} = %s"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with ciphertexts: its key, its columns, and the column that says whose a row is."""

    name: str
    key: str
    columns: tuple[str, ...]
    of: str

    def statement(self, template: str) -> sql.Composed:
        columns = [sql.Identifier(column) for column in self.columns]
        return sql.SQL(template).format(
            table=sql.Identifier(self.name),
            key=sql.Identifier(self.key),
            of=sql.Identifier(self.of),
            columns=sql.SQL(", ").join(columns),
            assignments=sql.SQL(", ").join(sql.SQL("{} = %s").format(one) for one in columns),
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """What must change together: rows, and what their history says of them."""

    rows: Table
    history: tuple[Table, ...]
    triggers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A ciphertext that no key opens."""

    table: str
    key: int
    column: str


def encrypted_tables() -> list[Kept]:
    """Every table with ciphertexts; histories again by themselves, for rows that are gone."""
    holding = [model for model in apps.get_models() if _columns(model)]
    events = [model for model in holding if hasattr(model, "pgh_tracked_model")]
    live = [model for model in holding if model not in events]
    return [_kept(model, events) for model in live] + [_kept(model, ()) for model in events]


def wait_for_others(tell: Callable[[int], object]) -> None:
    """Until every transaction that is open now has ended; `tell` hears how many are left.

    What they write may be under the key of before, and what they see may be older still.
    """
    waiting = {found for (found,) in _asked(_OTHERS)}
    while waiting:
        tell(len(waiting))
        time.sleep(_WAIT)
        waiting &= {found for (found,) in _asked(_OTHERS)}


def renew(kept: Kept) -> tuple[int, list[Unreadable]]:
    """Put every ciphertext of a table under the newest key; how many rows, and what none opens.

    In small transactions, and again from the start it does only what is left. No history is
    written: nothing that anybody sees has changed.
    """
    renewed, lost, last = 0, list[Unreadable](), 0
    while keys := _next_keys(kept.rows, last):
        last = keys[-1]
        if any(_stale(cipher) for cipher in _ciphers(kept, keys)):
            changed, unreadable = _renew_rows(kept, keys)
            renewed += changed
            lost += unreadable
    return renewed, lost


@transaction.atomic
def _renew_rows(kept: Kept, keys: Sequence[int]) -> tuple[int, list[Unreadable]]:
    locking = sql.Composed([kept.rows.statement(_READ), sql.SQL(" FOR NO KEY UPDATE")])
    _asked("SELECT set_config('pgtrigger.ignore', %s, true)", f"{{{','.join(kept.triggers)}}}")
    _asked(locking, list(keys))
    # One ciphertext stands in a row and in its history: both get the same new one.
    fresh: dict[str, str] = {}
    lost: list[Unreadable] = []
    renewed = 0
    for table in (kept.rows, *kept.history):
        changes = [
            (*(_renewed(cipher, fresh) for cipher in ciphers), key)
            for key, *ciphers in _asked(table.statement(_READ), list(keys))
            if any(map(_stale, ciphers))
        ]
        lost += _unreadable(table, changes)
        with connection.cursor() as cursor:
            cursor.executemany(table.statement(_WRITE), changes)
        renewed += len(changes)
    return renewed, lost


def _renewed(cipher: str, fresh: dict[str, str]) -> str:
    if cipher and cipher not in fresh:
        try:
            fresh[cipher] = keyring().rotate(cipher.encode()).decode()
        except InvalidToken:
            fresh[cipher] = cipher
    return fresh.get(cipher, cipher)


def _unreadable(table: Table, changes: Sequence[tuple[Any, ...]]) -> Iterator[Unreadable]:
    for *ciphers, key in changes:
        for column, cipher in zip(table.columns, ciphers, strict=True):
            if _stale(cipher):
                yield Unreadable(table.name, key, column)


def _stale(cipher: str) -> bool:
    """Whether another key than the newest made it."""
    if not cipher:
        return False
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(cipher.encode())
    except InvalidToken:
        return True
    return False


def _ciphers(kept: Kept, keys: Sequence[int]) -> Iterator[str]:
    for table in (kept.rows, *kept.history):
        rows = _asked(table.statement(_READ), list(keys))
        yield from chain.from_iterable(ciphers for _, *ciphers in rows)


def _next_keys(table: Table, last: int) -> list[int]:
    return [key for (key,) in _asked(table.statement(_NEXT), last, ROWS_AT_ONCE)]


def _kept(model: type[models.Model], events: Sequence[type[models.Model]]) -> Kept:
    own: list[Any] = [event for event in events if vars(event)["pgh_tracked_model"] is model]
    triggers = getattr(model._meta, "triggers", [])
    return Kept(
        rows=_table(model),
        history=tuple(_table(event, of="pgh_obj_id") for event in own),
        triggers=tuple(trigger.get_pgid(model) for trigger in triggers),
    )


def _table(model: type[models.Model], of: str = "") -> Table:
    key = model._meta.pk.column
    return Table(model._meta.db_table, key, _columns(model), of or key)


def _columns(model: type[models.Model]) -> tuple[str, ...]:
    fields = model._meta.local_concrete_fields
    return tuple(field.column for field in fields if isinstance(field, EncryptedTextField))


def _asked(query: str | sql.Composed, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
