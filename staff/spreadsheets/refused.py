"""The file of refused rows, to be mended and imported again."""

import csv
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Color, Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from staff.exceptions import Refusal
from staff.spreadsheets.reading import REASON, Row, Sheet
from staff.spreadsheets.template import BY_US
from staff.spreadsheets.writing import is_formula, text_cell, writable

# Excel draws each one as it opens the file; the column says the same.
_MOST_COMMENTS = 2_000
_RED = PatternFill("solid", fgColor=Color("FFFFC7CE"))


class _Writer(Protocol):
    def write(self, cells: Sequence[str], wrong: int | None = None) -> None: ...

    def close(self) -> None: ...


class _Layout:
    """Where the cells of a refused row go: as they came, then a column 错误原因."""

    def __init__(self, header: Sequence[str], fields: Sequence[str | None]) -> None:
        self._kept = [place for place, name in enumerate(header) if name != REASON]
        self.header = [*(header[place] for place in self._kept), REASON]
        named = {fields[place]: at for at, place in enumerate(self._kept)}
        self._places = {field: at for field, at in named.items() if field}

    def cells(self, row: Row, reason: str) -> list[str]:
        cells = [row.cells[place] if place < len(row.cells) else "" for place in self._kept]
        return [*cells, reason]

    def wrong(self, field: str | None) -> int:
        """The place of the cell at fault; that of the reason where no column has the field."""
        return self._places.get(field or "", len(self._kept))


class RefusedRows:
    """Refused rows with their cells as they came and a column 错误原因.

    A context manager: the file appears under its name at the end, whole. It appears without a
    refused row only where it was asked for by name.
    """

    def __init__(self, sheet: Sheet, path: Path | None) -> None:
        self._sheet = sheet
        self._asked_for = path is not None
        self.path = path or sheet.path.with_suffix(f".refused{sheet.path.suffix}")
        self.count = 0
        self._layout = _Layout(sheet.header, sheet.fields)

    def __enter__(self) -> Self:
        self._part = self._make_part()
        is_csv = self.path.suffix.lower() == ".csv"
        self._writer: _Writer = _CsvWriter(self._part) if is_csv else _XlsxWriter(self._part)
        self._writer.write(self._layout.header)
        return self

    def write(self, row: Row, reason: str, field: str | None = None) -> None:
        """Add a row, why it was refused, and the field at fault if it is one."""
        self._writer.write(self._layout.cells(row, reason), self._layout.wrong(field))
        self.count += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        if self.count or self._asked_for:
            self._part.replace(self.path)
        else:
            self._part.unlink()

    def _make_part(self) -> Path:
        if self.path.suffix.lower() not in (".csv", ".xlsx"):
            raise Refusal("unknown_format", 422, "退回行的文件名须以 .xlsx 或 .csv 结尾")
        if self.path.resolve() == self._sheet.path.resolve():
            raise Refusal("same_file", 422, "退回行的文件不能与导入的文件同名")
        try:
            handle, name = tempfile.mkstemp(suffix=".part", dir=self.path.parent)
        except OSError as error:
            raise Refusal("unwritable", 422, f"无法写入退回行的文件 {self.path}") from error
        os.close(handle)
        return Path(name)


class RefusedBook:
    """The same as a workbook that is sent to a browser, whatever the rows came in."""

    def __init__(
        self, header: Sequence[str], fields: Sequence[str | None], target: BinaryIO
    ) -> None:
        self._layout = _Layout(header, fields)
        self._writer = _XlsxWriter(target)
        self._writer.write(self._layout.header)

    def write(self, row: Row, reason: str, field: str | None) -> None:
        """Add a row, why it was refused, and the field at fault if it is one."""
        self._writer.write(self._layout.cells(row, reason), self._layout.wrong(field))

    def close(self) -> None:
        """Write the workbook out."""
        self._writer.close()


class _CsvWriter:
    def __init__(self, path: Path) -> None:
        # With a BOM, since Excel otherwise shows Chinese as garbage.
        self._file = path.open("w", encoding="utf-8-sig", newline="", errors="replace")
        self._rows = csv.writer(self._file)

    def write(self, cells: Sequence[str], wrong: int | None = None) -> None:
        self._rows.writerow([f"'{cell}" if is_formula(cell) else cell for cell in cells])

    def close(self) -> None:
        self._file.close()


class _XlsxWriter:
    def __init__(self, target: Path | BinaryIO) -> None:
        self._target = target
        self._book = Workbook(write_only=True)
        sheet = self._book.create_sheet("退回的行")
        assert isinstance(sheet, WriteOnlyWorksheet)
        sheet.freeze_panes = "A2"
        self._sheet = sheet
        self._rows = 0

    def write(self, cells: Sequence[str], wrong: int | None = None) -> None:
        made = [text_cell(self._sheet, cell) for cell in cells]
        if wrong is None:
            for cell in made:
                cell.font = Font(bold=True)
        else:
            self._mark(made[wrong], cells[-1])
        self._sheet.append(made)

    def close(self) -> None:
        self._book.save(self._target)

    def _mark(self, cell: WriteOnlyCell, reason: str) -> None:
        cell.fill = _RED
        if self._rows < _MOST_COMMENTS:
            cell.comment = Comment(writable(reason), BY_US, 80, 300)
        self._rows += 1
