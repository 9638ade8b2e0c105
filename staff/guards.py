"""Whether what guards an app's tables in the database is still what was shipped."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

from django.apps import apps
from django.db import connection, models

_FUNCTION = re.compile(r"CREATE FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$", re.DOTALL)
_TRIGGER = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s.*?;", re.DOTALL)
_EVENTS = re.compile(r"(BEFORE|AFTER) (.+?) ON ")

_RESTING = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger
 WHERE tgrelid = ANY(%s::regclass[]) AND tgenabled NOT IN ('O', 'A') ORDER BY 1, 2
"""
_CONSTRAINTS = """
SELECT conname FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND convalidated
 UNION SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE indrelid = ANY(%s::regclass[]) AND indisvalid AND indisunique
"""
_SINGLE_COLUMN = """
SELECT attrelid::regclass::text, attname, attnotnull, attgenerated <> '',
       EXISTS (SELECT FROM pg_constraint WHERE conrelid = attrelid AND conkey = ARRAY[attnum]
                  AND contype = 'f' AND convalidated),
       EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indisunique AND indisvalid
                  AND indpred IS NULL AND indnkeyatts = 1 AND indkey[0] = attnum)
  FROM pg_attribute WHERE attrelid = ANY(%s::regclass[]) AND attnum > 0
"""


# Every change of a row leaves its new content in the history, unless the triggers were off.
_CHANGED = """
SELECT {name} FROM {table} stored
 WHERE NOT coalesce((
       SELECT to_jsonb(event) @> to_jsonb(stored) FROM {table}event event
        WHERE event.pgh_obj_id = stored.id ORDER BY event.pgh_id DESC LIMIT 1), false)
 ORDER BY stored.id
"""
_GONE = """
SELECT DISTINCT event.{name} FROM {table}event event
 WHERE NOT EXISTS (SELECT FROM {table} stored WHERE stored.id = event.pgh_obj_id)
 ORDER BY 1
"""


def broken_history(table: str, called: str, *, name: str = "id") -> Iterator[str]:
    """A Chinese sentence per row that is not what its history says last.

    `called` is what such a row is called, with its `name` column in place of {}.
    """
    for (found,) in _rows(_CHANGED.format(table=table, name=name)):
        yield f"{called.format(found)} 与其修改记录的最后一条不同"
    for (found,) in _rows(_GONE.format(table=table, name=name)):
        yield f"{called.format(found)} 有修改记录，但本身已不在"


def broken_guards(app: str, *shipped: Path) -> Iterator[str]:
    """A Chinese sentence per trigger, function, constraint or reference that is not as shipped.

    `shipped` are the SQL files that made the app's functions and triggers.
    """
    tables = {model._meta.db_table: model for model in apps.get_app_config(app).get_models()}
    for file in shipped:
        yield from _replaced(file.read_text(encoding="utf-8"))
    for table, trigger in _rows(_RESTING, list(tables)):
        yield f"数据表 {table} 的触发器 {trigger} 被停用"
    there = {name for (name,) in _rows(_CONSTRAINTS, list(tables), list(tables))}
    columns = {row[:2]: row[2:] for row in _rows(_SINGLE_COLUMN, list(tables))}
    for table, model in tables.items():
        for constraint in model._meta.constraints:
            if constraint.name not in there:
                yield f"数据表 {table} 的约束 {constraint.name} 缺失"
        for field in model._meta.local_concrete_fields:
            yield from _broken_column(table, field, *columns[table, field.column])
            yield from _pointing_nowhere(table, field)


def _replaced(sql: str) -> Iterator[str]:
    names = [name for name, _ in _FUNCTION.findall(sql)]
    sources = "SELECT proname, prosrc FROM pg_proc WHERE proname = ANY(%s)"
    found: dict[str, str] = dict(_rows(sources, names))
    for name, source in _FUNCTION.findall(sql):
        if found.get(name) != source:
            yield f"数据库函数 {name} 与发布的版本不符"
    definitions = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    present = {name: _plain(text) for name, text in _rows(definitions)}
    for shipped in _TRIGGER.finditer(sql):
        if present.get(shipped[1]) != _plain(shipped[0]):
            yield f"触发器 {shipped[1]} 缺失或与发布的版本不符"


def _plain(definition: str) -> str:
    """A trigger's definition as it would be written with one blank and without brackets."""
    text = re.sub(r"[\s();]+", " ", definition.replace("public.", "")).replace(" ,", ",").strip()
    return _EVENTS.sub(
        lambda found: f"{found[1]} {sorted(found[2].split(' OR '))} ON ", text, count=1
    )


def _broken_column(
    table: str,
    field: "models.Field[object, object]",
    not_null: bool,
    generated: bool,
    refers: bool,
    unique: bool,
) -> Iterator[str]:
    name = f"数据表 {table} 的 {field.column}"
    if isinstance(field, models.GeneratedField):
        if not generated:
            yield f"{name} 不再由数据库计算"
    elif not field.null and not not_null:
        yield f"{name} 不再禁止为空"
    if _refers(field) and not refers:
        yield f"{name} 的外键约束缺失"
    if field.unique and not unique:
        yield f"{name} 的唯一约束缺失"


def _pointing_nowhere(table: str, field: "models.Field[object, object]") -> Iterator[str]:
    if not _refers(field):
        return
    target = field.target_field
    other, key = target.model._meta.db_table, target.column
    orphans = (
        f'SELECT "{field.model._meta.pk.column}", "{field.column}" FROM "{table}" AS pointing'
        f' WHERE "{field.column}" IS NOT NULL AND NOT EXISTS'
        f' (SELECT FROM "{other}" AS target WHERE target."{key}" = pointing."{field.column}")'
    )
    for pk, value in _rows(orphans):
        yield f"数据表 {table} 第 {pk} 号记录的 {field.column} 指向不存在的 {value}"


def _refers(field: "models.Field[object, object]") -> TypeGuard["models.ForeignKey[Any, Any]"]:
    # History keeps keys of rows without a constraint.
    return isinstance(field, models.ForeignKey) and bool(vars(field)["db_constraint"])


def _rows(sql: str, *parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
