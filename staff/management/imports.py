"""What every import command has in common: its arguments, what it says, how it ends."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff.clock import checked_now
from staff.exceptions import ImportStopped, Refusal
from staff.models import User
from staff.operations.file_kinds import FileKind
from staff.operations.imports import Tally, run_import
from staff.spreadsheets import Column, RefusedRows, Sheet, open_sheet


def add_arguments(parser: CommandParser, columns: Sequence[Column]) -> None:
    """FILE, --dry-run and --refused, with the columns explained."""
    required = "、".join(column.heading for column in columns if column.required)
    optional = "、".join(column.heading for column in columns if not column.required)
    parser.add_argument(
        "file", type=Path, help=f".xlsx 或 .csv 文件。必填列：{required}；可选列：{optional}"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="试运行：给出同样的数字和退回的行，但不写入数据库；期间不要收费",
    )
    parser.add_argument(
        "--refused",
        type=Path,
        metavar="FILE",
        help="退回的行写入此 .xlsx 或 .csv 文件，加一列“错误原因”（默认：原文件名.refused.xlsx）",
    )


def run(
    command: BaseCommand,
    *,
    kind: FileKind,
    file: Path,
    dry_run: bool,
    refused: Path | None,
) -> None:
    """Import the file, say what happened; exit status 1 if a row was refused.

    Whoever has shell access is behind it: what needs a second person is granted at once.
    """
    try:
        sheet = open_sheet(file, kind.columns)
        if sheet.name:
            command.stdout.write(f"读取的工作表：{sheet.name}")
        if sheet.ignored:
            command.stdout.write(f"忽略了不认识的列：{'、'.join(sheet.ignored)}")
        with RefusedRows(sheet, refused) as refused_rows:
            tally = run_import(
                sheet=sheet,
                kind=kind,
                by=User.objects.system(),
                now=checked_now(),
                refused=refused_rows,
                dry_run=dry_run,
                progress=_progress(command, sheet),
            )
    except Refusal as refusal:
        raise CommandError(refusal.message) from refusal
    except ImportStopped as stopped:
        raise CommandError(_stopped(stopped, dry_run)) from stopped
    _tell(command, tally, refused_rows.path, dry_run)
    if tally.refused:
        sys.exit(1)


def _progress(command: BaseCommand, sheet: Sheet) -> Callable[[Tally], None]:
    started = time.monotonic()

    def tell(tally: Tally) -> None:
        rate = tally.done / max(time.monotonic() - started, 0.001)
        line = f"已处理 {tally.done:,} / {sheet.row_count:,} 行，每秒 {rate:,.0f} 行"
        command.stderr.write(line)

    return tell


def _tell(command: BaseCommand, tally: Tally, refused: Path, dry_run: bool) -> None:
    if dry_run:
        command.stdout.write("试运行：数据库没有改变")
    if tally.changed:
        command.stdout.write(f"new 中有 {tally.changed} 行是对已有档案的更新")
    if tally.refused:
        command.stdout.write(f"退回的 {tally.refused} 行和错误原因在 {refused}")
    command.stdout.write(str(tally))


def _stopped(stopped: ImportStopped, dry_run: bool) -> str:
    if dry_run:
        return f"数据库出错，试运行停在第 {stopped.first}–{stopped.last} 行"
    return (
        f"数据库出错：第 {stopped.first}–{stopped.last} 行及以后的行没有入账，之前的已处理。"
        "数据库恢复后请再次导入同一文件，已入账的行不会重复"
    )
