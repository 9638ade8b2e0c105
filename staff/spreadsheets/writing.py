"""Cells that Excel takes for what they are: text is never calculated, figures can be added up."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from staff.rules import SHANGHAI
from staff.spreadsheets.delimited import FORMULA_STARTS

Cell: TypeAlias = str | int | Decimal | date | datetime | None

_LONGEST_CELL = 32_767
# What XML can't carry, and so no workbook.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDTH = 16


def writable(text: str) -> str:
    """Text as a workbook can hold it."""
    return _UNWRITABLE.sub("\ufffd", text[:_LONGEST_CELL])


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program would take this text for something to calculate."""
    return text.lstrip(" ").startswith(FORMULA_STARTS)


def text_cell(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    """A cell that is text for good: neither "=1+1" nor an ID number is calculated."""
    cell = WriteOnlyCell(sheet, writable(text))
    cell.data_type = "s"
    cell.number_format = "@"
    if is_formula(text):
        cell.quotePrefix = True
    return cell


def write_list(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    target: BinaryIO,
    *,
    note: str = "",
) -> int:
    """Write an .xlsx with a sheet `title`; `note` stands on a sheet of its own. The rows written.

    Days, moments (Shanghai) and numbers are text, so that nothing is rounded or reformatted;
    yuan and points are figures.
    """
    book = Workbook(write_only=True)
    sheet = _sheet(book, title)
    for place in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
    head = [text_cell(sheet, heading) for heading in headings]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    if note:
        _write_note(_sheet(book, "说明"), note)
    book.save(target)
    return count


def _sheet(book: Workbook, title: str) -> WriteOnlyWorksheet:
    sheet = book.create_sheet(title)
    assert isinstance(sheet, WriteOnlyWorksheet)
    sheet.freeze_panes = "A2"
    return sheet


def _write_note(sheet: WriteOnlyWorksheet, note: str) -> None:
    sheet.column_dimensions["A"].width = _WIDTH * 6
    for line in note.splitlines():
        sheet.append([text_cell(sheet, line)])


def _cell(sheet: WriteOnlyWorksheet, value: Cell) -> WriteOnlyCell:
    if isinstance(value, Decimal):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "#,##0.00"
        return cell
    if isinstance(value, int):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "#,##0"
        return cell
    return text_cell(sheet, _written(value))


def _written(value: str | date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return value if isinstance(value, str) else value.isoformat()
