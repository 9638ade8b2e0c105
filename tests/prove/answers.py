"""What an answer to a hostile input may be: anything but a crash, English, or half a write."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from django.db import connection, transaction

from tests.prove.edits import sentences, tables
from tests.prove.pages import read

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LONGEST = 5.0


@dataclass
class Judge:
    """Sends inputs one by one, takes each back, and keeps what was wrong with the answers.

    The books are checked after every `often`-th input that was taken.
    """

    random: Random
    seed: int
    often: int
    timed: bool
    sent: int = 0
    taken: int = 0
    faults: list[str] = field(default_factory=list)

    def send(self, about: str, call: Callable[[], Any], *, writes: bool = True) -> None:
        """Make the call, whose answer has a status, headers and content."""
        self.sent += 1
        with transaction.atomic():
            before, began = counts(), time.monotonic()
            try:
                fault = self._judged(call(), before, writes)
            except Exception as error:  # Whatever it is, the server would have shown it.
                fault = repr(error)[:500]
            if self.timed and time.monotonic() - began > LONGEST:
                fault = fault or f"took {time.monotonic() - began:.1f} s"
            transaction.set_rollback(True)
        if fault:
            self.faults.append(f"SEED={self.seed}, input {self.sent}, {about[:300]}: {fault}")

    def _judged(self, response: Any, before: tuple[int, ...], writes: bool) -> str:
        if fault := fault_of(response):
            return fault
        if counts() == before:
            return ""
        if not writes or is_refusal(response):
            return f"refused with {response.status_code}, and yet something was written"
        self.taken += 1
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        wrong = sentences() if self.taken % self.often == 0 else []
        return "；".join(wrong)


def fault_of(response: Any) -> str:
    """What a person or a program could rightly complain about; "" for nothing."""
    content = _content(response)
    status = response.status_code
    if status >= 500:
        return f"status {status}"
    # A wrong method is no input of a person's; `tests.test_rights` looks at these.
    if status >= 400 and status != 405:
        return "" if CHINESE.search(content) else f"status {status} in English: {content[:200]}"
    if "html" in response.headers.get("Content-Type", ""):
        for alert in read("/", content).alerts:
            if alert.strip() and not CHINESE.search(alert):
                return f"an alert in English: {alert.strip()[:200]}"
    return ""


def is_refusal(response: Any) -> bool:
    """Whether the answer says that nothing was done: an error, or the form once more."""
    path = response.request["PATH_INFO"]
    return bool(response.status_code >= 400 or _shown_again(response, path))


def _shown_again(response: Any, path: str) -> bool:
    # A page that goes by itself and a file show what was asked for, once that is on record.
    if "Refresh" in response.headers or "Content-Disposition" in response.headers:
        return False
    return response.status_code == 200 and not path.startswith("/api/")


def _content(response: Any) -> str:
    content: bytes = response.getvalue() if response.streaming else response.content
    if "json" in response.headers.get("Content-Type", ""):
        return json.dumps(json.loads(content), ensure_ascii=False)
    return content.decode("utf-8", "replace")


def counts() -> tuple[int, ...]:
    """How many rows each of our tables holds."""
    asked = ", ".join(f'(SELECT count(*) FROM "{model._meta.db_table}")' for model in tables())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}")
        return tuple(cursor.fetchone())


class Memory:
    """The most memory that this process has held since, in MB."""

    _STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")

    def __init__(self) -> None:
        self._RESET.write_text("5")

    def peak(self) -> int:
        lines = dict(line.split(":", 1) for line in self._STATUS.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) // 1024
