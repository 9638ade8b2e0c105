"""Another value of a column's type: a digit, a second, a letter or a key away."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeAlias

from django.db import models
from django.utils import timezone
from psycopg.types.json import Jsonb

Field: TypeAlias = "models.Field[Any, Any]"


def another(field: Field, value: Any, random: Random) -> Any:
    """A value that may stand in the column instead of `value`, and differs from it."""
    if value is None:
        value = _beginning(field)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return _number(value, random)
    if isinstance(value, date):
        return _moment(value, random)
    if isinstance(value, bytes | memoryview):
        return _bytes(bytes(value), random)
    if isinstance(value, list | dict):
        return stored(field, _whole(value, random))
    return _text(str(value), random)


def stored(field: Field, value: Any) -> Any:
    """The value as the driver takes it."""
    return Jsonb(value) if isinstance(field, models.JSONField) and value is not None else value


def _number(value: int | Decimal, random: Random) -> int | Decimal:
    by = random.choice((1, -1, 10, 1000, random.randint(2, 99)))
    return value + Decimal(by) / 100 if isinstance(value, Decimal) else value + by


def _moment(value: date, random: Random) -> date:
    seconds = (1e-6, 0.5, 60.0, 86400.0, 4e7) if isinstance(value, datetime) else (86400.0, 4e7)
    return value + random.choice((-1, 1)) * timedelta(seconds=random.choice(seconds))


def _bytes(value: bytes, random: Random) -> bytes:
    if not value:
        return b"\x01"
    place = random.randrange(len(value))
    return value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]


def _whole(value: Any, random: Random) -> Any:
    if isinstance(value, dict):
        return {**value, "another": 1}
    return value[1:] if value and random.random() < 0.5 else [*value, "又一项"]


def _text(value: str, random: Random) -> str:
    if not value:
        return "1"
    place = random.randrange(len(value))
    other = random.choice([each for each in "0123456789abcdef" if each != value[place]])
    return value[:place] + random.choice((other, "")) + value[place + 1 :]


def _beginning(field: Field) -> Any:
    """Something of the column's type to start from where nothing stands."""
    now = timezone.now()
    beginnings: dict[Any, Any] = {
        models.DateTimeField: now,
        models.DateField: now.date(),
        models.DecimalField: Decimal(1),
        models.BooleanField: False,
        models.CharField: "",
        models.TextField: "",
        models.JSONField: {},
    }
    return next((value for kind, value in beginnings.items() if isinstance(field, kind)), 1)
