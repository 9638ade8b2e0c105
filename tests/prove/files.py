"""Spreadsheets that are damaged, lie about themselves or hold what no cell should."""

import csv
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from io import BytesIO, StringIO
from random import Random
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from staff.spreadsheets import Column
from tests.prove import hostile

Cells = list[list[Any]]
CELLS: tuple[object, ...] = (
    0,
    -1,
    1.5,
    1e300,
    5.3e17,
    13900001111.0,
    45000,
    -45000,
    3_000_000,
    True,
    date(1899, 12, 31),
    datetime(2026, 1, 31, 9, 30),
    time(9, 30),
    "=1/0",
    "=HYPERLINK(0)",
    "#REF!",
    None,
)
NAMES = ("a.csv", "a.xlsx", "A.CSV", "a.xls", "a", ".xlsx", "../../a.csv", "张\u202e三.csv")
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5", "latin-1")


def hostile_file(random: Random, columns: Sequence[Column]) -> tuple[str, bytes]:
    """A name and a content, mostly not far from what the import asks for."""
    kinds: tuple[Callable[[Random, Cells], tuple[str, bytes]], ...] = (
        _text_file,
        _text_file,
        _workbook_file,
        _damaged_text,
        _damaged_workbook,
        _bomb,
        _anything,
    )
    name, content = random.choice(kinds)(random, _rows(random, columns))
    return (random.choice(NAMES) if random.random() < 0.15 else name), content


def _rows(random: Random, columns: Sequence[Column]) -> Cells:
    """Headings and some rows of examples, in a few of which something is wrong."""
    header = [column.heading for column in columns]
    if random.random() < 0.2:
        place = random.randrange(len(header))
        header[place] = random.choice(("", " ", header[0], hostile.text(random, header[place])))
    rows = [header]
    for number in range(random.choice((0, 1, 3, 10))):
        row = [column.example for column in columns]
        row[0] = f"{row[0]}{number}" if random.random() < 0.8 else row[0]
        for place in random.sample(range(len(row)), random.choice((0, 1, 2))):
            row[place] = hostile.text(random, row[place])
        rows.append(row * random.choice((1, 1, 1, 2)))
    return rows


def _text_file(random: Random, rows: Cells) -> tuple[str, bytes]:
    text = StringIO()
    writer = csv.writer(text, delimiter=random.choice((",", ",", ";", "\t")))
    writer.writerows(rows)
    written = text.getvalue()
    if random.random() < 0.3:
        place = random.randrange(len(written) + 1)
        written = written[:place] + random.choice(('"', "\0", "\r", '""', ",")) + written[place:]
    return "a.csv", written.encode(random.choice(ENCODINGS), "replace")


def _workbook_file(random: Random, rows: Cells) -> tuple[str, bytes]:
    for row in rows[1:]:
        if random.random() < 0.5:
            row[random.randrange(len(row))] = random.choice(CELLS)
    return "a.xlsx", _workbook(rows)


def _workbook(rows: Cells) -> bytes:
    book, target = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append([_writable(cell) for cell in row])
    book.save(target)
    return target.getvalue()


def _writable(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    plain = cell.encode("utf-8", "ignore").decode()
    return ILLEGAL_CHARACTERS_RE.sub("", plain)[:32_000]


def _damaged_text(random: Random, rows: Cells) -> tuple[str, bytes]:
    return "a.csv", _damaged(random, _text_file(random, rows)[1])


def _damaged_workbook(random: Random, rows: Cells) -> tuple[str, bytes]:
    content = _workbook(rows)
    if random.random() < 0.5:
        return "a.xlsx", _damaged(random, content)
    with zipfile.ZipFile(BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    part = random.choice(sorted(parts))
    if random.random() < 0.3:
        del parts[part]
    else:
        parts[part] = _damaged(random, parts[part])
    return "a.xlsx", _package(parts)


def _damaged(random: Random, content: bytes) -> bytes:
    """Cut short, with bits turned over, or with bytes put in."""
    if not content:
        return b"\0"
    changed = bytearray(content)
    for _ in range(random.choice((1, 3, 20))):
        place = random.randrange(len(changed))
        changed[place] ^= 1 << random.randrange(8)
    cut = random.randrange(len(changed))
    junk = random.randbytes(random.randint(0, 40))
    return bytes(random.choice((changed, changed[:cut], changed[:cut] + junk + changed[cut:])))


def _bomb(random: Random, rows: Cells) -> tuple[str, bytes]:
    """Small to send, large to read."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    entity = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    sheets = (
        "<worksheet><sheetData>" + " " * 10_000_000 + "</sheetData></worksheet>",
        f"<worksheet><sheetData>{far}</sheetData></worksheet>",
        f"{entity}<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>",
        "<a>" * 20_000,
    )
    with zipfile.ZipFile(BytesIO(_workbook(rows))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet1.xml"] = random.choice(sheets).encode()
    return "a.xlsx", _package(parts)


def _package(parts: dict[str, bytes]) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return target.getvalue()


def _anything(random: Random, rows: Cells) -> tuple[str, bytes]:
    beginnings = (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"\xef\xbb\xbf")
    junk = random.randbytes(random.choice((0, 1, 50, 5_000)))
    return random.choice(("a.csv", "a.xlsx")), random.choice(beginnings) + junk
