"""The time that goes into the books: the application's, while the database's says the same."""

import time
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from staff.exceptions import Refusal

MOST_APART = timedelta(seconds=60)
# Seconds for which a reading of the database's clock is carried on by our steady one.
GOOD_FOR = 10.0


class _Reading(NamedTuple):
    database: datetime
    at: float

    def now(self) -> datetime:
        return self.database + timedelta(seconds=time.monotonic() - self.at)

    def is_good(self) -> bool:
        return time.monotonic() - self.at < GOOD_FOR


_last: _Reading | None = None


def checked_now() -> datetime:
    """Now, for whoever posts. Raises Refusal 503 when the clocks are over 60 s apart."""
    now = timezone.now()
    if refusal := _refusal(now):
        raise refusal
    return now


def clocks_differ() -> str | None:
    """The sentence about clocks that are too far apart, None while they agree."""
    refusal = _refusal(timezone.now())
    return refusal.message if refusal else None


def _refusal(now: datetime) -> Refusal | None:
    reading = _last if _last and _last.is_good() else _read()
    if abs(now - reading.now()) <= MOST_APART:
        return None
    # The steady clock stands still while a machine sleeps: ask again before refusing.
    apart = timezone.now() - _read().now()
    if abs(apart) <= MOST_APART:
        return None
    seconds = f"{abs(apart).total_seconds():,.0f}"
    message = (
        f"服务器与数据库的时间相差 {seconds} 秒（超过 {MOST_APART.seconds} 秒），"
        "暂不能记账，请联系信息科校准时间"
    )
    return Refusal("clocks_differ", 503, message)


def _read() -> _Reading:
    global _last
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        _last = _Reading(cursor.fetchone()[0], time.monotonic())
    return _last
