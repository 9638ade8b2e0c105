"""How a file goes in: batch by batch, good rows at once, refused rows with their reason."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.db import DatabaseError, OperationalError, connection, transaction

from staff.exceptions import ImportStopped, Refusal
from staff.models import Import, User
from staff.operations.file_kinds import FileKind, Finish
from staff.refusals import operation, refusal_for
from staff.rules import CHANGED, NEW, SAME
from staff.spreadsheets import RefusedRows, Row, Sheet

BATCH = 2_000

ONE_IMPORT = 7_003_002
_DEADLOCK = "40P01"
_ATTEMPTS = 3
_WORTH_A_LOOK = 2_000


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
    kind: FileKind,
    by: User,
    now: datetime,
    refused: RefusedRows,
    dry_run: bool,
    progress: Callable[[Tally], None],
) -> Tally:
    """Save the rows of a sheet in file order, each batch in a transaction of its own.

    A dry run does the same in one transaction that it takes back. Raises Refusal 409 while
    another import runs, ImportStopped when the database fails.
    """
    run = _Run(sheet, kind, by, now, refused, progress)
    with only_import():
        if not dry_run:
            return run.to_the_end()
        with transaction.atomic():
            tally = run.to_the_end()
            transaction.set_rollback(True)
    return tally


@dataclass(frozen=True, slots=True)
class _Run:
    sheet: Sheet
    kind: FileKind
    by: User
    now: datetime
    refused: RefusedRows
    progress: Callable[[Tally], None]

    def to_the_end(self) -> Tally:
        name = self.sheet.path.name
        record = record_of(
            self.sheet, self.kind, file_name=name, by=self.by, now=self.now, is_staged=False
        )
        tally = Tally()
        rows = self.kind.completed(self.sheet.rows())
        while batch := list(islice(rows, BATCH)):
            for row, result in zip(batch, self._batch(record, batch), strict=True):
                tally.count(result)
                if isinstance(result, Refusal):
                    self.refused.write(row, result.message, result.field)
            self.progress(tally)
        with transaction.atomic():
            finish(record, self.kind.granted, now=self.now)
        return tally

    def _batch(self, record: Import, batch: Sequence[Row]) -> Sequence[str | Refusal]:
        try:
            with transaction.atomic():
                results = save_rows(batch, self.kind, by=self.by, now=self.now, batch=record)
                before = record.handled
                count_results(record, batch, results, self.kind)
                tell_growth(record.handled, before)
        except OperationalError as error:
            raise ImportStopped(batch[0].number, batch[-1].number) from error
        return results


def record_of(
    sheet: Sheet, kind: FileKind, *, file_name: str, by: User, now: datetime, is_staged: bool
) -> Import:
    """The record of a file that is now checked, if it is staged, or else saved at once."""
    # On Linux a name need not be text.
    readable = file_name.encode(errors="replace").decode()
    return Import.objects.create(
        kind=kind.kind,
        state=Import.State.CHECKING if is_staged else Import.State.SAVING,
        is_staged=is_staged,
        file_name=readable[-200:],
        digest=_digest_of(sheet.path),
        sheet=sheet.name[:64],
        header=list(sheet.header),
        ignored=list(sheet.ignored),
        by=by,
        saved_by=None if is_staged else by,
        created_at=now,
        row_count=sheet.row_count,
    )


@operation
def record_whole(
    *, kind: Import.Kind, file_name: str, rows: int, total: Decimal, by: User, now: datetime
) -> Import:
    """The record of a file that the caller's transaction writes down whole, every row new.

    `total` in yuan or points.
    """
    return Import.objects.create(
        kind=kind,
        state=Import.State.DONE,
        file_name=file_name,
        digest=hashlib.sha256(file_name.encode()).hexdigest(),
        by=by,
        saved_by=by,
        created_at=now,
        finished_at=now,
        row_count=rows,
        new=rows,
        total=total,
    )


def count_results(
    batch: Import, rows: Sequence[Row], results: Sequence[str | Refusal], kind: FileKind
) -> None:
    """Add what became of these rows to the record of the import, and save it."""
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, Refusal):
            batch.refused += 1
        else:
            setattr(batch, result, getattr(batch, result) + 1)
            batch.total += kind.worth(row) if result == NEW else 0
    batch.save(update_fields=["new", "changed", "same", "refused", "total"])


def finish(batch: Import, then: Finish, *, now: datetime) -> None:
    """The file is through: note it, and do what follows."""
    assert batch.saved_by is not None
    batch.state = Import.State.DONE
    batch.finished_at = now
    batch.save(update_fields=["state", "finished_at"])
    then(batch=batch, by=batch.saved_by, now=now)


def save_rows(
    rows: Sequence[Row], kind: FileKind, *, by: User, now: datetime, batch: Import
) -> Sequence[str | Refusal]:
    """Save rows inside a transaction; what one row spoils is saved again in halves.

    Raises OperationalError when the database fails.
    """
    try:
        return _attempted(rows, kind, by, now, batch)
    except OperationalError:
        raise
    except (DatabaseError, Refusal) as error:
        if len(rows) == 1:
            return [_reason(error)]
    half = len(rows) // 2
    first = save_rows(rows[:half], kind, by=by, now=now, batch=batch)
    return [*first, *save_rows(rows[half:], kind, by=by, now=now, batch=batch)]


def _attempted(
    rows: Sequence[Row], kind: FileKind, by: User, now: datetime, batch: Import
) -> Sequence[str | Refusal]:
    """Save the rows at once, again where a deadlock with the till took it back."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                _run_sql("SET LOCAL enable_seqscan = off")
                results = kind.save(rows=rows, by=by, now=now, batch=batch)
                # What is checked at the end of a transaction is checked here, where it can be told.
                _run_sql("SET CONSTRAINTS ALL IMMEDIATE")
                _run_sql("SET CONSTRAINTS ALL DEFERRED")
                return results
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state != _DEADLOCK or attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def tell_growth(rows: int, before: int) -> None:
    """Let the database look at its tables again after 2,000, 4,000, 8,000 … rows of an import.

    It would go on planning searches for tables as small as they were before, and whoever is at
    the till would wait.
    """
    if rows >= _WORTH_A_LOOK and rows.bit_length() > before.bit_length():
        _run_sql("ANALYZE")


def _run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _reason(error: DatabaseError | Refusal) -> Refusal:
    if isinstance(error, Refusal):
        return error
    message = "数据库拒绝了这一行，请联系系统管理员"
    return refusal_for(error) or Refusal("database_error", 422, message)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def only_import() -> Iterator[None]:
    """Hold off every other import until this one ends, whatever ends it."""
    _lock_or_refuse("pg_try_advisory_lock")
    try:
        yield
    finally:
        # A connection that broke has let go of the lock by itself.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_IMPORT])


def only_import_until_commit() -> None:
    """Hold off every other import until this transaction ends."""
    _lock_or_refuse("pg_try_advisory_xact_lock")


def _lock_or_refuse(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [ONE_IMPORT])
        if cursor.fetchone() == (False,):
            message = "另一个导入正在进行，请等它结束后再试"
            raise Refusal("import_running", 409, message)
