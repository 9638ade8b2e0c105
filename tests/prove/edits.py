"""One edit at a time behind the back of all triggers, as somebody with the database's password.

Tables, columns and the words by which a row is known come from the models, so that a new table is
edited as soon as it holds rows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from random import Random
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from psycopg.types.json import Jsonb

from members.models import Card, DistinctFiles, HouseholdPerson, Patient
from points.models import LegacyBalance, LegacyConfirmation
from rewards.models import GiftChange, Redemption
from scheme import queries
from staff.models import User
from tests.prove.free import COPIED, DELETED, free_columns, is_free
from tests.prove.values import Field, another, stored

OURS = ("staff", "scheme", "members", "points", "rewards")
# The columns that people call a row by, next to its key.
NAMES = frozenset({"number", "file_number", "reference", "code"})

Model = type[models.Model]
Row = dict[str, Any]


@dataclass(frozen=True)
class Edit:
    """What was done to the books, and the words of which `check_books` must say one."""

    said: str
    words: frozenset[str]

    def is_named_by(self, sentences: list[str]) -> bool:
        return any(word in sentence for word in self.words for sentence in sentences)


class Refused(Exception):
    """A constraint, which holds without triggers too, forbids this edit."""


class Editor:
    """Draws edits from `random`; each is undone by whoever opened the savepoint."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.models = [model for model in tables() if not is_free(model) and rows_of(model)]

    def edit(self) -> Edit:
        """One edit that the constraints allow."""
        kinds: tuple[Callable[[Model], Edit], ...] = (
            self.change,
            self.change,
            self.swap,
            self.delete,
            self.copy,
        )
        while True:
            model, kind = self.random.choice(self.models), self.random.choice(kinds)
            try:
                with transaction.atomic():
                    return kind(model)
            except (DatabaseError, Refused):
                continue

    def change(self, model: Model) -> Edit:
        """Another value in one column of one row."""
        row, field = self.random.choice(rows_of(model)), self._column(model)
        old, new = row[field.column], self._other(field, row[field.column])
        key = model._meta.pk.column
        words = words_of(model, row)
        behind_the_back(
            f'UPDATE {_table(model)} SET "{field.column}" = %s WHERE "{key}" = %s', new, row[key]
        )
        row = {**row, field.column: old if isinstance(new, Jsonb) else new}
        said = f"{field.column}: {old!r} → {new!r}"
        return _edit(model, row[key], said, words | words_of(model, row))

    def swap(self, model: Model) -> Edit:
        """The values of one column of two rows, each in the other's place."""
        field, key = self._column(model), model._meta.pk.column
        rows = rows_of(model)
        if len(rows) < 2 or field.primary_key:
            raise Refused
        one, other = self.random.sample(rows, 2)
        values = [other[field.column], one[field.column]]
        if values[0] == values[1]:
            raise Refused
        words = words_of(model, one) | words_of(model, other)
        for row, value in zip((one, other), values, strict=True):
            sql = f'UPDATE {_table(model)} SET "{field.column}" = %s WHERE "{key}" = %s'
            behind_the_back(sql, stored(field, value), row[key])
        return _edit(model, (one[key], other[key]), f"{field.column} swapped: {values}", words)

    def delete(self, model: Model) -> Edit:
        """One row gone."""
        if DELETED in free_columns(model):
            raise Refused
        row, key = self.random.choice(rows_of(model)), model._meta.pk.column
        words = words_of(model, row)
        behind_the_back(f'DELETE FROM {_table(model)} WHERE "{key}" = %s', row[key])
        return _edit(model, row[key], "deleted", words)

    def copy(self, model: Model) -> Edit:
        """One row a second time, under another key and other unique values."""
        if COPIED in free_columns(model):
            raise Refused
        row = dict(self.random.choice(rows_of(model)))
        columns = [field.column for field in columns_of(model)]
        for field in columns_of(model):
            if field.unique or field.column in _unique_together(model):
                row[field.column] = self._other(field, row[field.column])
            else:
                row[field.column] = stored(field, row[field.column])
        names = ", ".join(f'"{column}"' for column in columns)
        places = ", ".join(["%s"] * len(columns))
        behind_the_back(
            f"INSERT INTO {_table(model)} ({names}) VALUES ({places})",
            *(row[column] for column in columns),
        )
        return _edit(model, row[model._meta.pk.column], f"copied: {row}", words_of(model, row))

    def _column(self, model: Model) -> Field:
        free = free_columns(model)
        tried = [field for field in columns_of(model) if field.column not in free]
        if not tried:
            raise Refused
        return self.random.choice(tried)

    def _other(self, field: Field, value: Any) -> Any:
        """A value of the column's type that is not `value`."""
        if value is not None and field.null and self.random.random() < 0.2:
            return None
        if isinstance(field, models.ForeignKey):
            return self._other_key(field, value)
        if field.choices and self.random.random() < 0.8:
            return self.random.choice([key for key, _ in field.flatchoices if key != value])
        return stored(field, another(field, value, self.random))

    def _other_key(self, field: "models.ForeignKey[Any, Any]", value: Any) -> Any:
        target = field.target_field
        others = [row[target.column] for row in rows_of(target.model)]
        return self.random.choice([key for key in [*others, 10**6] if key != value])


def tables() -> list[Model]:
    """All models of ours, in a fixed order; tables between two models included."""
    found = apps.get_models(include_auto_created=True)
    ours = [model for model in found if model._meta.app_label in OURS and not model._meta.proxy]
    return sorted(ours, key=lambda model: model._meta.label)


def columns_of(model: Model) -> list[Field]:
    """What is stored; the database itself works out the generated columns again."""
    fields = model._meta.local_concrete_fields
    return [field for field in fields if not isinstance(field, models.GeneratedField)]


def rows_of(model: Model, **equal: Any) -> list[Row]:
    """The rows as they are stored, ciphertext included, by key."""
    where = " AND ".join([f'"{column}" = %s' for column in equal] or ["true"])
    key = model._meta.pk.column
    with connection.cursor() as cursor:
        sql = f'SELECT * FROM {_table(model)} WHERE {where} ORDER BY "{key}"'
        cursor.execute(sql, list(equal.values()))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def words_of(model: Model, row: Row) -> frozenset[str]:
    """The words that point at a row: its own, and those of what it belongs to or what it has."""
    words = _own_words(model, row)
    for owner, found in _owners(model, row):
        words |= _own_words(owner, found)
        for further, one in _owners(owner, found):
            words |= _own_words(further, one)
    for relation in model._meta.related_objects:
        other = relation.field.model
        if other._meta.app_label in OURS and not relation.many_to_many:
            pointing = {relation.field.column: row[relation.field.target_field.column]}
            for one in rows_of(other, **pointing):
                words |= _own_words(other, one)
    return words


def _owners(model: Model, row: Row) -> Iterator[tuple[Model, Row]]:
    for field in columns_of(model):
        if isinstance(field, models.ForeignKey) and field.related_model is not User:
            target = field.target_field
            for found in rows_of(target.model, **{target.column: row[field.column]}):
                yield target.model, found


def _own_words(model: Model, row: Row) -> frozenset[str]:
    key = row[model._meta.pk.column]
    words = {
        f"{model._meta.verbose_name} {key}",
        f"数据表 {model._meta.db_table} 第 {key} 号记录",
        *(str(row[name]) for name in NAMES & row.keys() if row[name]),
    }
    if model in CALLED:
        words |= CALLED[model](row)
    return frozenset(words)


def _files_of_the_import(row: Row) -> set[str]:
    """A confirmation stands for the balances of one file, which are named by their patients."""
    balances = rows_of(LegacyBalance, imported_in_id=row["imported_in_id"])
    files = [rows_of(Patient, id=balance["patient_id"]) for balance in balances]
    return {f"档案 {file['file_number']}" for found in files for file in found}


# Rows that have other words than their name and key.
CALLED: dict[Model, Callable[[Row], set[str]]] = {
    # A card that is missing is missed by the next one.
    Card: lambda row: {one["number"] for one in rows_of(Card, membership_id=row["membership_id"])},
    GiftChange: lambda row: {f"换发礼品申请 {row['id']}"},
    HouseholdPerson: lambda row: {f"家庭成员的登记 {row['id']}"},
    Redemption: lambda row: {f"DH{row['id']:08d}"},
    DistinctFiles: lambda row: {f"登记 {row['id']}"},
    LegacyBalance: lambda row: {f"原积分 #{row['id']}"},
    LegacyConfirmation: _files_of_the_import,
}


def sentences() -> list[str]:
    """What `check_books` says, as a process of its own would: nothing kept in memory."""
    queries.published_rules.cache_clear()
    out = StringIO()
    try:
        call_command("check_books", stdout=out)
    except SystemExit:
        return out.getvalue().splitlines()[:-1]
    return []


def behind_the_back(sql: str, *parameters: Any) -> None:
    """A statement that no trigger sees."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def _edit(model: Model, key: Any, said: str, words: frozenset[str]) -> Edit:
    return Edit(f"{model._meta.label} {key} {said}", words)


def _table(model: Model) -> str:
    return f'"{model._meta.db_table}"'


def _unique_together(model: Model) -> Iterator[str]:
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            yield from constraint.fields[-1:]
