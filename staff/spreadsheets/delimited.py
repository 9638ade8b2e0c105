"""Rows of a .csv file, read as a stream: UTF-8 with or without BOM, or GB18030."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from staff.exceptions import Refusal

# What makes Excel take a cell for a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_ENCODINGS = ("utf-8-sig", "gb18030")
_CHUNK = 1 << 20
_LONGEST_ROW = 1_000_000


class DelimitedTable:
    """The one table of a .csv file; its rows may be asked for more than once."""

    name = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = _encoding_of(path)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line number and cells of each row. Raises Refusal where the file is broken."""
        with self._path.open(encoding=self._encoding, newline="") as file:
            lines = _Lines(file)
            reader = csv.reader(lines)
            try:
                for cells in reader:
                    yield reader.line_num, list(map(_unquoted, cells))
                    lines.left = _LONGEST_ROW
            except csv.Error as error:
                raise _broken(reader.line_num) from error


class _Lines:
    """The lines of a file, as long as no single row grows beyond `left` characters."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._number = 0
        self.left = _LONGEST_ROW

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._file.readline(_LONGEST_ROW)
        if not line:
            raise StopIteration
        self._number += 1
        self.left -= len(line)
        if self.left <= 0:
            raise _broken(self._number)
        return line


def _broken(line: int) -> Refusal:
    message = f"文件第 {line} 行附近无法读取：内容过长，或引号不成对。请核对后再导入"
    return Refusal("broken_csv", 422, message)


def _unquoted(cell: str) -> str:
    """A cell without the apostrophe that keeps Excel from calculating it."""
    if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS):
        return cell[1:]
    return cell


def _encoding_of(path: Path) -> str:
    for encoding in _ENCODINGS:
        if _decodes(path, encoding):
            return encoding
    message = "无法识别文件的文字编码。请在 Excel 中另存为“CSV UTF-8”或 .xlsx 后再导入"
    raise Refusal("unknown_encoding", 422, message)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
