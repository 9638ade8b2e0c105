"""One sheet with the columns that an import asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Protocol

from staff.exceptions import Refusal
from staff.rules import plain
from staff.spreadsheets.delimited import DelimitedTable
from staff.spreadsheets.workbook import MOST_COLUMNS, MOST_ROWS, tables_in

REASON = "错误原因"

_LARGEST_FILE = 100_000_000
_HEADER_WITHIN = 10


@dataclass(frozen=True, slots=True)
class Column:
    """A column that an import understands: its heading, its field, whether it must be there.

    For the template: `note` says what belongs in it, `example` is one, `choices` are all that
    may stand in it, `is_text` keeps Excel from taking it for a number or a date.
    """

    heading: str
    field: str
    required: bool = False
    note: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    is_text: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, its cells as they came, and what they say by field.

    `given` holds no empty cells. `overflow`: there is more in the row than there are headings.
    """

    number: int
    cells: tuple[str, ...]
    given: Mapping[str, str]
    overflow: bool

    def fields(self) -> Mapping[str, str]:
        """What the row says by field. Raises Refusal when its cells don't match the headings."""
        if self.overflow:
            message = "这一行的单元格比表头多，请核对是否多了逗号"
            raise Refusal("row_overflow", 422, message)
        return self.given


class _Table(Protocol):
    name: str

    def rows(self) -> Iterator[tuple[int, list[str]]]: ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was read through once and found sound; rows are read again as asked for.

    `name` is empty where the file holds no other sheet; `fields` are the fields of the columns.
    """

    path: Path
    name: str
    header: tuple[str, ...]
    ignored: tuple[str, ...]
    row_count: int
    fields: tuple[str | None, ...]
    _table: _Table
    _header_number: int

    def rows(self) -> Iterator[Row]:
        """The rows below the header, without blank ones."""
        below = _below(self._table, self._header_number)
        return (row_of(number, cells, self.fields) for number, cells in below)


def row_of(number: int, cells: Sequence[str], fields: Sequence[str | None]) -> Row:
    """The row with these cells, whose columns stand for these fields."""
    given = {}
    for field, cell in zip(fields, cells, strict=False):
        if field and (text := cell.strip()):
            given[field] = text
    return Row(number, tuple(cells), given, any(cells[len(fields) :]))


def fields_of(header: Sequence[str], columns: Sequence[Column]) -> tuple[str | None, ...]:
    """The field of each heading; None where it is none of ours."""
    known = {column.heading: column.field for column in columns}
    return tuple(known.get(name) for name in header)


def open_sheet(path: Path, columns: Sequence[Column]) -> Sheet:
    """The first sheet of a .csv or .xlsx file with these columns, read through once.

    Raises Refusal with a sentence for people when it can't be read or a column is missing.
    """
    headers = []
    for table in _tables(path):
        for number, header in _headings(table, columns):
            if not _missing(header, columns):
                return _sheet(path, table, number, header, columns)
            headers.append(header)
    raise _without_columns(headers, columns)


def _headings(table: _Table, columns: Sequence[Column]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each of the first rows as a header, with our headings that are merged down from above."""
    known = {column.heading for column in columns}
    above: tuple[str, ...] = ()
    for number, cells in islice(table.rows(), _HEADER_WITHIN):
        own = tuple(_heading(cell) for cell in cells)
        merged = [upper if upper in known else "" for upper in above]
        both = zip_longest(own, merged, fillvalue="")
        yield number, tuple(heading or upper for heading, upper in both)
        above = own


def _heading(cell: str) -> str:
    """A heading as we write it: without line breaks, blanks and the * of what is required."""
    return "".join(filter(str.isprintable, "".join(plain(cell).split()))).strip("*")


def _tables(path: Path) -> Iterator[_Table]:
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise OSError(f"{path} is no file")
        path.open("rb").close()
    except (OSError, ValueError) as error:
        raise Refusal("unreadable_file", 422, f"无法读取文件 {path}") from error
    if size > _LARGEST_FILE:
        message = f"文件太大：最多 {_LARGEST_FILE // 1_000_000} MB，请分成几个文件导入"
        raise Refusal("too_large", 422, message)
    ending = path.suffix.lower()
    if ending == ".xlsx":
        return iter(tables_in(path))
    if ending == ".csv":
        return iter([_delimited(path)])
    message = "只能导入 .xlsx 或 .csv 文件，其他格式请在 Excel 中另存为 .xlsx"
    raise Refusal("unknown_format", 422, message)


def _delimited(path: Path) -> DelimitedTable:
    with path.open("rb") as file:
        if file.read(4) == b"PK\x03\x04":
            message = "这是 Excel 工作簿，只是文件名以 .csv 结尾。请把文件名改为 .xlsx 后再导入"
            raise Refusal("renamed_workbook", 422, message)
    return DelimitedTable(path)


def _missing(header: Sequence[str], columns: Sequence[Column]) -> list[str]:
    return [
        column.heading for column in columns if column.required and column.heading not in header
    ]


def _without_columns(headers: Sequence[Sequence[str]], columns: Sequence[Column]) -> Refusal:
    if not any(any(header) for header in headers):
        return Refusal("empty_file", 422, "文件是空的：没有表头，也没有数据")
    missing = min((_missing(header, columns) for header in headers), key=len)
    required = "、".join(column.heading for column in columns if column.required)
    message = (
        f"表头缺少“{'”“'.join(missing)}”列。"
        f"前 {_HEADER_WITHIN} 行中须有一行表头，必填列：{required}"
    )
    return Refusal("missing_column", 422, message)


def _sheet(
    path: Path, table: _Table, number: int, header: tuple[str, ...], columns: Sequence[Column]
) -> Sheet:
    while header and not header[-1]:
        header = header[:-1]
    if len(header) > MOST_COLUMNS:
        raise Refusal("too_large", 422, f"表格太大：最多 {MOST_COLUMNS} 列")
    known = {column.heading: column.field for column in columns}
    if twice := [name for name in known if header.count(name) > 1]:
        message = f"表头中“{'”“'.join(twice)}”列出现了不止一次，请只保留一列"
        raise Refusal("column_twice", 422, message)
    return Sheet(
        path=path,
        name=table.name,
        header=header,
        ignored=tuple(name for name in header if name and name not in (*known, REASON)),
        row_count=_counted(table, number),
        fields=fields_of(header, columns),
        _table=table,
        _header_number=number,
    )


def _counted(table: _Table, header_number: int) -> int:
    count = 0
    for count, _ in enumerate(_below(table, header_number), start=1):
        if count > MOST_ROWS:
            raise Refusal("too_large", 422, f"表格太大：最多 {MOST_ROWS:,} 行，请分成几个文件导入")
    return count


def _below(table: _Table, header_number: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in table.rows():
        if number > header_number and any(map(str.strip, cells)):
            yield number, cells
