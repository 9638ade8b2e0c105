"""The file of refused rows, to be mended and imported again."""

import csv
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from staff.exceptions import Refusal
from staff.spreadsheets.delimited import FORMULA_STARTS
from staff.spreadsheets.reading import REASON, Row, Sheet

_LONGEST_CELL = 32_767
# What XML can't carry, and so no workbook.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class _Writer(Protocol):
    def write(self, cells: Sequence[str]) -> None: ...

    def close(self) -> None: ...


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
        self._kept = [place for place, name in enumerate(sheet.header) if name != REASON]

    def __enter__(self) -> Self:
        self._part = self._make_part()
        is_csv = self.path.suffix.lower() == ".csv"
        self._writer: _Writer = _CsvWriter(self._part) if is_csv else _XlsxWriter(self._part)
        self._writer.write([*(self._sheet.header[place] for place in self._kept), REASON])
        return self

    def write(self, row: Row, reason: str) -> None:
        """Add a row and why it was refused."""
        cells = [row.cells[place] if place < len(row.cells) else "" for place in self._kept]
        self._writer.write([*cells, reason])
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


class _CsvWriter:
    def __init__(self, path: Path) -> None:
        # With a BOM, since Excel otherwise shows Chinese as garbage.
        self._file = path.open("w", encoding="utf-8-sig", newline="", errors="replace")
        self._rows = csv.writer(self._file)

    def write(self, cells: Sequence[str]) -> None:
        self._rows.writerow([f"'{cell}" if _is_formula(cell) else cell for cell in cells])

    def close(self) -> None:
        self._file.close()


class _XlsxWriter:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._book = Workbook(write_only=True)
        sheet = self._book.create_sheet("退回的行")
        assert isinstance(sheet, WriteOnlyWorksheet)
        sheet.freeze_panes = "A2"
        self._sheet = sheet
        self._bold = True

    def write(self, cells: Sequence[str]) -> None:
        self._sheet.append([self._cell(cell) for cell in cells])
        self._bold = False

    def close(self) -> None:
        self._book.save(self._path)

    def _cell(self, text: str) -> WriteOnlyCell:
        cell = WriteOnlyCell(self._sheet, _UNWRITABLE.sub("\ufffd", text[:_LONGEST_CELL]))
        # Text for good: neither "=1+1" nor an ID number is taken for something to calculate.
        cell.data_type = "s"
        cell.number_format = "@"
        if _is_formula(text):
            cell.quotePrefix = True
        if self._bold:
            cell.font = Font(bold=True)
        return cell


def _is_formula(cell: str) -> bool:
    return cell.lstrip(" ").startswith(FORMULA_STARTS)
