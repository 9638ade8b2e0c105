"""How a file goes in: batch by batch, good rows at once, refused rows with their reason."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from django.db import DatabaseError, OperationalError, connection, transaction

from staff.exceptions import ImportStopped, Refusal
from staff.refusals import refusal_for
from staff.rules import CHANGED, SAME
from staff.spreadsheets import RefusedRows, Row, Sheet

BATCH = 2_000

ONE_IMPORT = 7_003_002
_DEADLOCK = "40P01"
_ATTEMPTS = 3


class Save(Protocol):
    """Saves rows: for each what it was (NEW, CHANGED or SAME), or its refusal."""

    def __call__(self, *, rows: Sequence[Row]) -> Sequence[str | Refusal]: ...


@dataclass(slots=True)
class Tally:
    """What became of the rows so far; `new` counts the changed ones, too."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0

    @property
    def done(self) -> int:
        return self.new + self.same + self.refused

    def count(self, result: str | Refusal) -> None:
        if isinstance(result, Refusal):
            self.refused += 1
        elif result == SAME:
            self.same += 1
        else:
            self.new += 1
            self.changed += result == CHANGED

    def __str__(self) -> str:
        return f"new {self.new}, same {self.same}, refused {self.refused}"


def run_import(
    *,
    sheet: Sheet,
    save: Save,
    refused: RefusedRows,
    dry_run: bool,
    progress: Callable[[Tally], None],
) -> Tally:
    """Save the rows of a sheet in file order, each batch in a transaction of its own.

    A dry run does the same in one transaction that it takes back. Raises Refusal 409 while
    another import runs, ImportStopped when the database fails.
    """
    tally = Tally()
    with _only_import():
        if not dry_run:
            _run(sheet, save, refused, progress, tally)
            return tally
        with transaction.atomic():
            _run(sheet, save, refused, progress, tally)
            transaction.set_rollback(True)
    return tally


def _run(
    sheet: Sheet,
    save: Save,
    refused: RefusedRows,
    progress: Callable[[Tally], None],
    tally: Tally,
) -> None:
    for batch in _batches(sheet.rows()):
        for row, result in zip(batch, _saved(batch, save), strict=True):
            tally.count(result)
            if isinstance(result, Refusal):
                refused.write(row, result.message)
        progress(tally)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def _saved(batch: Sequence[Row], save: Save) -> Sequence[str | Refusal]:
    """The batch's results; what one row spoils is saved again in halves, down to that row."""
    try:
        return _attempted(batch, save)
    except OperationalError as error:
        raise ImportStopped(batch[0].number, batch[-1].number) from error
    except (DatabaseError, Refusal) as error:
        if len(batch) == 1:
            return [_reason(error)]
    half = len(batch) // 2
    return [*_saved(batch[:half], save), *_saved(batch[half:], save)]


def _attempted(batch: Sequence[Row], save: Save) -> Sequence[str | Refusal]:
    """Save the batch in one transaction, again where a deadlock with the till took it back."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                _expect_growth()
                return save(rows=batch)
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state != _DEADLOCK or attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _expect_growth() -> None:
    """Look rows up by index: a table that was empty when it was planned fills up meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def _reason(error: DatabaseError | Refusal) -> Refusal:
    if isinstance(error, Refusal):
        return error
    message = "数据库拒绝了这一行，请联系系统管理员"
    return refusal_for(error) or Refusal("database_error", 422, message)


@contextmanager
def _only_import() -> Iterator[None]:
    """Hold off every other import until this one ends, whatever ends it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_IMPORT])
        if cursor.fetchone() == (False,):
            message = "另一个导入正在进行，请等它结束后再试"
            raise Refusal("import_running", 409, message)
    try:
        yield
    finally:
        # A connection that broke has let go of the lock by itself.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_IMPORT])
