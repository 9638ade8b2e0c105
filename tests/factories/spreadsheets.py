"""Spreadsheets as hospitals send them."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl

from staff.spreadsheets import Column

COLUMNS = (
    Column("档案号", "file_number", required=True),
    Column("金额", "amount", required=True),
    Column("备注", "note"),
)
HEADER = ("档案号", "金额", "备注")


def csv_file(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def xlsx_file(folder: Path, *rows: Sequence[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"
