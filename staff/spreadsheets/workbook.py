"""Rows of an .xlsx file, read only after its parts have been found harmless."""

import struct
import zlib
from collections.abc import Iterator
from lzma import LZMAError
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from staff.exceptions import Refusal
from staff.spreadsheets.cells import text_of

MOST_ROWS = 1_000_000
MOST_COLUMNS = 100
# The reader holds a sheet as a full rectangle in memory.
_MOST_CELLS = 10_000_000
_MOST_PARTS = 1_000
_MOST_BYTES = 400_000_000
_WORTH_A_RATIO = 10_000_000
_HIGHEST_RATIO = 200
_CHUNK = 1 << 16
_OLD_FORMAT = bytes.fromhex("d0cf11e0a1b11ae1")
# All that reading any bytes as a package of XML was seen to raise, and their relatives.
_DAMAGED = (
    *(CalamineError, BadZipFile, expat.ExpatError, zlib.error, LZMAError, struct.error),
    *(EOFError, OSError, ArithmeticError, LookupError, RuntimeError, ValueError),
)


class WorkbookTable:
    """One visible sheet of a workbook; `name` is empty where it is the only one."""

    def __init__(self, sheet: CalamineSheet, name: str) -> None:
        self._sheet = sheet
        self.name = name

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Row number and cells of each row as text."""
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            yield number, [text_of(cell) for cell in cells]


def tables_in(path: Path) -> Iterator[WorkbookTable]:
    """The visible sheets in their order. Raises Refusal for anything but a sound workbook."""
    _check_kind(path)
    try:
        _check_parts(path)
        workbook = CalamineWorkbook.from_path(str(path))
        shown = {n: sheet for n, sheet in enumerate(workbook.sheets_metadata) if _is_shown(sheet)}
        for place, sheet in shown.items():
            name = sheet.name if len(shown) > 1 else ""
            yield WorkbookTable(workbook.get_sheet_by_index(place), name)
    except _DAMAGED as error:
        message = "无法读取这个 Excel 文件，可能已损坏。请在 Excel 中打开并另存为 .xlsx 后再导入"
        raise Refusal("damaged_workbook", 422, message) from error


def _is_shown(sheet: SheetMetadata) -> bool:
    return sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible


def _check_kind(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(_CHUNK)
        if start.startswith(b"PK\x03\x04"):
            return
        if start.startswith(_OLD_FORMAT):
            _refuse_old_format(start + file.read())
    message = "这不是 Excel 工作簿，可能只是改了文件名。请在 Excel 中打开并另存为 .xlsx 后再导入"
    raise Refusal("not_a_workbook", 422, message)


def _refuse_old_format(content: bytes) -> NoReturn:
    if "EncryptedPackage".encode("utf-16-le") in content:
        message = "文件设有打开密码。请在 Excel 中去掉密码、保存后再导入"
        raise Refusal("encrypted_workbook", 422, message)
    message = "这是旧版 .xls 文件。请在 Excel 中另存为 .xlsx 后再导入"
    raise Refusal("old_workbook", 422, message)


def _check_parts(path: Path) -> None:
    packed, unpacked = path.stat().st_size, 0
    with ZipFile(path) as package:
        parts = package.infolist()
        if len(parts) > _MOST_PARTS:
            raise _too_large()
        if "xl/workbook.xml" not in package.namelist():
            raise BadZipFile("no workbook inside")
        for part in parts:
            for chunk in _checked(package, part):
                unpacked += len(chunk)
                if unpacked > min(_MOST_BYTES, max(_WORTH_A_RATIO, packed * _HIGHEST_RATIO)):
                    raise _too_large()


def _checked(package: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    # The size in the directory may lie: read until the data itself ends.
    part.file_size = 1 << 62
    checker = _Checker() if part.filename.lower().endswith((".xml", ".rels")) else None
    with package.open(part) as file:
        while chunk := file.read(_CHUNK):
            yield chunk
            if checker:
                checker.parser.Parse(chunk, False)
    if checker:
        checker.parser.Parse(b"", True)


class _Checker:
    """Follows the XML of one part: no DTD, no sheet larger than what may be held in memory."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._element
        self._row = self._column = self._last_row = self._last_column = 0

    def _doctype(self, *_: object) -> None:
        raise ValueError("a workbook has no DTD")

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(" ")[2]
        if kind == "c":
            self._cell(attributes.get("r"))
        elif kind == "row":
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = 0
            self._grown()
        elif kind == "Relationship":
            _check_target(attributes)

    def _cell(self, place: str | None) -> None:
        self._column += 1
        if place:
            letters = place.rstrip("0123456789")
            self._column = _column_of(letters)
            self._row = int(place[len(letters) :])
        if self._column > self._last_column or self._row > self._last_row:
            self._grown()

    def _grown(self) -> None:
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        # One row more than the limit, for the header.
        if self._last_row > MOST_ROWS + 1 or self._last_column > MOST_COLUMNS:
            raise _too_large()
        if self._last_row * self._last_column > _MOST_CELLS:
            raise _too_large()


def _column_of(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column


def _check_target(attributes: dict[str, str]) -> None:
    is_sheet = attributes.get("Type", "").endswith("/worksheet")
    if is_sheet and not attributes.get("Target", "").lower().endswith(".xml"):
        raise ValueError("a worksheet is an XML part")


def _too_large() -> Refusal:
    message = (
        f"表格太大：最多 {MOST_ROWS:,} 行、{MOST_COLUMNS} 列。"
        "请删去多余的空白行列，或另存为 CSV UTF-8 后再导入"
    )
    return Refusal("too_large", 422, message)
