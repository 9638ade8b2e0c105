"""What attackers and accidents send: rows, or one clear sentence before anything is read."""

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from staff.exceptions import Refusal
from staff.spreadsheets import cells, open_sheet
from tests.factories.spreadsheets import COLUMNS, HEADER, csv_file, xlsx_file


def refusal_of(path: Path) -> Refusal:
    with pytest.raises(Refusal) as refused:
        open_sheet(path, COLUMNS)
    return refused.value


def repacked(path: Path, **parts: bytes) -> Path:
    """The workbook with parts replaced or added (`__` stands for /, `sheet1` for its ending)."""
    with zipfile.ZipFile(path) as package:
        content = {name: package.read(name) for name in package.namelist()}
    content |= {name.replace("__", "/") + ".xml": data for name, data in parts.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in content.items():
            package.writestr(name, data)
    return path


def sheet_xml(data: str, doctype: str = "") -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?>{doctype}<worksheet xmlns="{namespace}">'
        f"<sheetData>{data}</sheetData></worksheet>"
    ).encode()


def test_files_that_are_not_what_they_seem(tmp_path: Path) -> None:
    workbook = xlsx_file(tmp_path, HEADER).read_bytes()
    old = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
    secret = old + "EncryptedPackage".encode("utf-16-le")
    said = {
        "a.pdf": (b"%PDF", "只能导入 .xlsx 或 .csv 文件"),
        "text.xlsx": (b"a,b,c", "这不是 Excel 工作簿"),
        "empty.xlsx": (b"", "这不是 Excel 工作簿"),
        "old.xlsx": (old, "旧版 .xls 文件"),
        "secret.xlsx": (secret, "打开密码"),
        "cut.xlsx": (workbook[: len(workbook) // 2], "可能已损坏"),
        "book.csv": (workbook, "以 .csv 结尾"),
        "empty.csv": (b"", "文件是空的"),
        "bytes.csv": (b"\xff\xfe\xff\xff\x80", "无法识别文件的文字编码"),
    }
    for name, (content, sentence) in said.items():
        assert sentence in refusal_of(csv_file(tmp_path, content, name)).message
    assert "无法读取文件" in refusal_of(tmp_path / "absent.csv").message
    assert "无法读取文件" in refusal_of(tmp_path / "nul\0.csv").message


def test_a_quote_that_never_ends_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    content = "档案号,金额,备注\nP1,5,\n" + 'P2,6,"' + "x\n" * 100_000
    assert "引号不成对" in refusal_of(csv_file(tmp_path, content)).message


def test_a_row_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    assert "内容过长" in refusal_of(csv_file(tmp_path, "档案号,金额\n" + "x" * 10_000_000)).message
    assert "内容过长" in refusal_of(csv_file(tmp_path, "档案号,金额\n" + '"\n",' * 400_000)).message


def test_caps_on_rows_columns_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = ",".join(["档案号", "金额", *(f"c{n}" for n in range(99))])
    assert "最多 100 列" in refusal_of(csv_file(tmp_path, wide)).message
    long = csv_file(tmp_path, "档案号,金额\n" + "P1,1\n" * 11)
    monkeypatch.setattr("staff.spreadsheets.reading.MOST_ROWS", 10)
    assert "最多 10 行" in refusal_of(long).message
    monkeypatch.setattr("staff.spreadsheets.reading._LARGEST_FILE", 10)
    assert "文件太大" in refusal_of(long).message


@pytest.mark.parametrize(
    "data",
    [
        '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"/><c r="CW1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"/><c r="CV1"/></row><row r="200000"><c r="A200000"/></row>',
        "<row>" + "<c/>" * 101 + "</row>",
    ],
)
def test_a_sheet_that_would_fill_the_memory_is_refused(tmp_path: Path, data: str) -> None:
    path = repacked(xlsx_file(tmp_path, HEADER), xl__worksheets__sheet1=sheet_xml(data))
    assert "表格太大" in refusal_of(path).message


def test_bombs_are_refused(tmp_path: Path) -> None:
    zeros = repacked(xlsx_file(tmp_path, HEADER), xl__media__bomb=b"<a>" + b" " * 30_000_000)
    assert "表格太大" in refusal_of(zeros).message
    parts = {f"x__p{number}": b"<a/>" for number in range(1_001)}
    assert "表格太大" in refusal_of(repacked(xlsx_file(tmp_path, HEADER), **parts)).message


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = repacked(xlsx_file(tmp_path, HEADER), xl__media__bomb=b"<a>" + b" " * 30_000_000)
    content = path.read_bytes()
    size = (30_000_003).to_bytes(4, "little")
    path.write_bytes(content.replace(size, (3).to_bytes(4, "little")))
    assert "表格太大" in refusal_of(path).message


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
    ],
)
def test_a_dtd_is_refused(tmp_path: Path, doctype: str) -> None:
    sheet = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>', doctype)
    path = repacked(xlsx_file(tmp_path, HEADER), xl__worksheets__sheet1=sheet)
    assert "可能已损坏" in refusal_of(path).message


FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@FUZZ
@given(st.binary(max_size=400))
@example(b'\x00"\r\n')
@example("档案号,金额\nP1,5\n".encode("gb18030"))
def test_any_bytes_are_rows_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    for path in (
        csv_file(tmp_path, content),
        csv_file(tmp_path, "档案号,金额\n".encode() + content),
        csv_file(tmp_path, content, "a.xlsx"),
        csv_file(tmp_path, b"PK\x03\x04" + content, "a.xlsx"),
    ):
        _read_or_refuse(path)


@FUZZ
@given(st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_any_damaged_workbook_is_rows_or_a_refusal(
    tmp_path: Path, damage: list[tuple[int, int]]
) -> None:
    path = xlsx_file(tmp_path, HEADER, ["P1", 128.5, "好"])
    content = bytearray(path.read_bytes())
    for place, byte in damage:
        content[place] = byte
    path.write_bytes(content)
    _read_or_refuse(path)


@FUZZ
@given(st.binary(max_size=200), st.integers(0, 200))
def test_any_damaged_sheet_is_rows_or_a_refusal(tmp_path: Path, junk: bytes, place: int) -> None:
    sheet = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>档案号</t></is></c></row>')
    damaged = sheet[:place] + junk + sheet[place:]
    _read_or_refuse(repacked(xlsx_file(tmp_path, HEADER), xl__worksheets__sheet1=damaged))


def _read_or_refuse(path: Path) -> None:
    try:
        for row in open_sheet(path, COLUMNS).rows():
            assert all(isinstance(cell, str) for cell in row.cells)
    except Refusal as refusal:
        assert refusal.message


@FUZZ
@given(st.text(max_size=60))
def test_any_text_in_a_cell_is_a_value_or_a_refusal(written: str) -> None:
    assert isinstance(cells.moment_text(written), str)
    assert isinstance(cells.day_text(written), str)
    assert isinstance(cells.amount_text(written), str)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert "无法读取文件" in refusal_of(pipe).message
