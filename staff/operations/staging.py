"""A file that was sent by page: staged, checked and saved step by step, each step whole.

Nothing works in the background: a step is one request. Whoever has the right drives the next
one, in any browser, after a closed window or a killed server as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice

from django.db import transaction

from staff.exceptions import Refusal
from staff.models import Import, ImportChunk, User
from staff.models.imports import Staged
from staff.operations.file_kinds import FileKind
from staff.operations.imports import (
    count_results,
    finish,
    only_import_until_commit,
    record_of,
    save_rows,
    tell_growth,
)
from staff.queries import rows_of
from staff.refusals import operation
from staff.spreadsheets import Row, Sheet, row_of

CHUNK = 500
# Earlier rows about the same things, with which a chunk is checked.
_MOST_EARLIER = 500
_KEPT = timedelta(days=30)
_UNBEGUN = (Import.State.CHECKING, Import.State.CHECKED)


@operation
def stage(*, sheet: Sheet, kind: FileKind, file_name: str, by: User, now: datetime) -> Import:
    """Put the rows of a sheet into the database, encrypted; the file is needed no more.

    Refuses 422 a file without rows. Forgets the rows of imports that ended 30 days ago; those
    uploaded 30 days ago and not begun to be saved are cancelled.
    """
    if not sheet.row_count:
        raise Refusal("no_rows", 422, "表头下面没有数据，请填好后再上传")
    _forget_old_rows(now)
    batch = record_of(sheet, kind, file_name=file_name, by=by, now=now, is_staged=True)
    for chunk in _chunks(batch, sheet, kind):
        chunk.save()
    return batch


def _forget_old_rows(now: datetime) -> None:
    ImportChunk.objects.filter(batch__finished_at__lt=now - _KEPT).delete()
    left = Import.objects.filter(state__in=_UNBEGUN, created_at__lt=now - _KEPT)
    # One that somebody is at work on at this moment is not left lying.
    for batch in left.select_for_update(of=("self",), skip_locked=True):
        _give_up(batch, now)


def _chunks(batch: Import, sheet: Sheet, kind: FileKind) -> Iterator[ImportChunk]:
    rows = kind.completed(sheet.rows())
    seen: dict[tuple[str, str], list[int]] = {}
    first = 0
    while part := list(islice(rows, CHUNK)):
        about = [_things(row, kind.keys) for row in part]
        staged = Staged([_stored(row, sheet) for row in part], _earlier(about, seen))
        yield ImportChunk(batch=batch, number=first // CHUNK, rows=staged.text())
        for place, things in enumerate(about, start=first):
            for thing in things:
                seen.setdefault(thing, []).append(place)
        first += CHUNK


def _things(row: Row, keys: Sequence[str]) -> list[tuple[str, str]]:
    """What the row is about: each key with its value."""
    return [(key, row.given[key]) for key in keys if key in row.given]


def _stored(row: Row, sheet: Sheet) -> list[object]:
    """Number and cells of a row, and what it says beyond them."""
    said = row_of(row.number, row.cells, sheet.fields).given
    more = {field: text for field, text in row.given.items() if field not in said}
    return [row.number, row.cells, more]


def _earlier(
    about: Iterable[Iterable[tuple[str, str]]], seen: dict[tuple[str, str], list[int]]
) -> list[int]:
    """Where in the file the rows of former chunks stand that are about the same things."""
    things = {thing for row in about for thing in row}
    places = {place for thing in things for place in seen.get(thing, [])}
    return sorted(places)[-_MOST_EARLIER:]


@operation
def advance(*, batch_id: int, kind: FileKind, now: datetime) -> Import:
    """Check or save the next chunk, with its results and the progress, all or nothing.

    Nothing happens where nothing is left to do. Refuses 409 to save while another import does.
    """
    batch = _locked(batch_id)
    if batch.state == Import.State.CHECKING:
        _check_next(batch, kind, now)
    elif batch.state == Import.State.SAVING and batch.is_staged:
        only_import_until_commit()
        _save_next(batch, kind, now)
    return batch


def _check_next(batch: Import, kind: FileKind, now: datetime) -> None:
    chunk = batch.chunks.filter(checked_at=None).order_by("number").first()
    if chunk:
        rows = rows_of(chunk, kind.columns)
        together = [*_rows_before(chunk, kind), *rows]
        results = _checked(batch, together, kind, now)[-len(rows) :]
        chunk.judge(results)
        chunk.checked_at = now
        chunk.save(update_fields=["judged", "refused", "checked_at"])
        count_results(batch, rows, results, kind)
    if not batch.chunks.filter(checked_at=None).exists():
        batch.state = Import.State.CHECKED
        batch.save(update_fields=["state"])


def _checked(
    batch: Import, rows: Sequence[Row], kind: FileKind, now: datetime
) -> Sequence[str | Refusal]:
    """What saving the rows would come to: they are saved, and that is taken back."""
    with transaction.atomic():
        results = save_rows(rows, kind, by=batch.by, now=now, batch=batch)
        transaction.set_rollback(True)
    return results


def _save_next(batch: Import, kind: FileKind, now: datetime) -> None:
    assert batch.saved_by is not None
    chunk = batch.chunks.filter(saved_at=None).order_by("number").first()
    if chunk:
        rows = rows_of(chunk, kind.columns)
        results = save_rows(rows, kind, by=batch.saved_by, now=now, batch=batch)
        chunk.judge(results)
        chunk.forget_what_went_in()
        chunk.saved_at = now
        chunk.save(update_fields=["rows", "judged", "refused", "saved_at"])
        before = batch.handled
        count_results(batch, rows, results, kind)
        tell_growth(batch.handled, before)
    if not batch.chunks.filter(saved_at=None).exists():
        finish(batch, kind.asked, now=now)


def _rows_before(chunk: ImportChunk, kind: FileKind) -> list[Row]:
    """Rows of former chunks that are about the same things and were found good."""
    wanted: dict[int, list[int]] = {}
    for place in chunk.staged().earlier:
        wanted.setdefault(place // CHUNK, []).append(place % CHUNK)
    found = []
    for former in chunk.batch.chunks.filter(number__in=wanted).order_by("number"):
        rows, refused = rows_of(former, kind.columns), former.refusals()
        found += [rows[at] for at in wanted[former.number] if at not in refused]
    return found


@operation
def begin_saving(*, batch_id: int, by: User, now: datetime) -> Import:
    """Have the good rows saved, on the responsibility of `by`; again is the same.

    Refuses 409 an import that is not checked yet, was cancelled or has no good row, and legacy
    points to anybody but who uploaded them: both ask, so neither is the second person (C2).
    """
    batch = _locked(batch_id)
    if batch.state in (Import.State.SAVING, Import.State.DONE):
        return batch
    if batch.state != Import.State.CHECKED:
        message = f"这个导入{batch.get_state_display()}，现在不能导入"
        raise Refusal("import_not_checked", 409, message)
    if batch.kind == Import.Kind.LEGACY_POINTS and batch.by != by:
        message = f"原积分由上传人{batch.by.name}本人按“导入”；您也可以自己重新上传这个文件"
        raise Refusal("not_the_uploader", 409, message)
    if batch.refused == batch.row_count:
        raise Refusal("nothing_to_save", 409, "没有可以导入的行，请下载退回的行，改好后再上传")
    batch.state = Import.State.SAVING
    batch.saved_by = by
    batch.new = batch.changed = batch.same = batch.refused = 0
    batch.total = Decimal(0)
    counted = ["new", "changed", "same", "refused", "total"]
    batch.save(update_fields=["state", "saved_by", *counted])
    return batch


@operation
def cancel(*, batch_id: int, now: datetime) -> Import:
    """Give up an import of which nothing is saved yet; its rows are forgotten.

    Refuses 409 one that is being saved or is done.
    """
    batch = _locked(batch_id)
    if batch.state == Import.State.CANCELLED:
        return batch
    if batch.state not in _UNBEGUN:
        go_on = "请按“继续”" if batch.is_staged else "请用命令再次导入同一文件"
        message = f"这个导入已开始写入，不能取消；没有导入完的，{go_on}"
        raise Refusal("import_begun", 409, message)
    _give_up(batch, now)
    return batch


def _give_up(batch: Import, now: datetime) -> None:
    batch.state = Import.State.CANCELLED
    batch.finished_at = now
    batch.save(update_fields=["state", "finished_at"])
    batch.chunks.all().delete()


def _locked(batch_id: int) -> Import:
    return Import.objects.select_for_update(of=("self",)).get(pk=batch_id)
