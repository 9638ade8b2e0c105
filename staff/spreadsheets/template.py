"""The workbook to fill in: headings with what belongs below them, and nothing else."""

from collections.abc import Sequence
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from staff.spreadsheets.reading import Column

_REQUIRED = PatternFill("solid", fgColor="FFFFE08A")
_OPTIONAL = PatternFill("solid", fgColor="FFCFE5F7")
_LAST_ROW = 1_048_576
# The author of our comments.
BY_US = "会员系统"


def write_template(title: str, columns: Sequence[Column], target: BinaryIO) -> None:
    """Write an .xlsx with a sheet `title`: yellow headings are required, blue ones optional."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns, start=1):
        _write_heading(sheet.cell(1, place), column)
        letter = get_column_letter(place)
        width = max(2 * len(column.heading), len(column.example)) + 4
        sheet.column_dimensions[letter].width = width
        if column.is_text:
            sheet.column_dimensions[letter].number_format = "@"
        if column.choices:
            sheet.add_data_validation(_choice(column, letter))
    book.save(target)


def explanation(column: Column) -> str:
    """What belongs in the column, in a few sentences."""
    said = ["必填" if column.required else "选填"]
    if column.note:
        said.append(column.note)
    if column.choices:
        said.append(f"只能填：{'、'.join(column.choices)}")
    if column.example:
        said.append(f"例如：{column.example}")
    return "。".join(said)


def _write_heading(cell: Cell, column: Column) -> None:
    cell.value = column.heading
    cell.font = Font(bold=True)
    cell.fill = _REQUIRED if column.required else _OPTIONAL
    cell.comment = Comment(explanation(column), BY_US, 120, 260)


def _choice(column: Column, letter: str) -> DataValidation:
    chosen = DataValidation("list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
    chosen.errorTitle = column.heading
    chosen.error = f"请从列出的选项中选择：{'、'.join(column.choices)}"
    chosen.showErrorMessage = True
    chosen.add(f"{letter}2:{letter}{_LAST_ROW}")
    return chosen
