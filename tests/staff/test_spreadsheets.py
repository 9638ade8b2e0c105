"""Rows of text from what hospitals send, or one clear sentence."""

from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from staff.exceptions import Refusal
from staff.spreadsheets import Row, cells, open_sheet
from tests.factories.spreadsheets import COLUMNS, HEADER, csv_file, xlsx_file


def rows_of(path: Path) -> list[Row]:
    return list(open_sheet(path, COLUMNS).rows())


def refusal_of(path: Path) -> Refusal:
    with pytest.raises(Refusal) as refused:
        open_sheet(path, COLUMNS)
    return refused.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_each_encoding(tmp_path: Path, encoding: str) -> None:
    text = "档案号,金额,备注\r\n00001,128.50,张𠮷\r\n"
    (row,) = rows_of(csv_file(tmp_path, text.encode(encoding)))
    assert row.fields() == {"file_number": "00001", "amount": "128.50", "note": "张𠮷"}
    assert row.number == 2


def test_headings_are_found_below_a_title_in_full_width_and_with_blanks(tmp_path: Path) -> None:
    text = "二〇二四年收费\n\n 备注 ,档案号,金额　,ＮＯ\n好,P1,5,7\n,,\n,P2,6,\n"
    sheet = open_sheet(csv_file(tmp_path, text), COLUMNS)
    assert sheet.ignored == ("NO",)
    assert sheet.row_count == 2
    assert [row.fields() for row in sheet.rows()] == [
        {"note": "好", "file_number": "P1", "amount": "5"},
        {"file_number": "P2", "amount": "6"},
    ]
    assert [row.number for row in sheet.rows()] == [4, 6]


def test_a_sheet_is_found_behind_others(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, ["说明"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("空")
    book.create_sheet("数据").append(list(HEADER))
    book["数据"].append(["P1", 5])
    book.save(path)
    assert rows_of(path)[0].fields() == {"file_number": "P1", "amount": "5"}


def test_missing_columns_are_named(tmp_path: Path) -> None:
    refusal = refusal_of(csv_file(tmp_path, "档案号,备注\nP1,x\n"))
    assert "表头缺少“金额”列" in refusal.message


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    refusal = refusal_of(csv_file(tmp_path, "档案号,金额,金额\nP1,1,2\n"))
    assert "“金额”列出现了不止一次" in refusal.message


def test_a_row_with_more_cells_than_headings_is_refused(tmp_path: Path) -> None:
    short, long = rows_of(csv_file(tmp_path, "档案号,金额,备注\nP1,5\nP1,1,280.50,好,x\n"))
    assert short.fields() == {"file_number": "P1", "amount": "5"}
    with pytest.raises(Refusal, match="单元格比表头多"):
        long.fields()


def test_cells_as_excel_delivers_them(tmp_path: Path) -> None:
    noisy = 42.7 * 3
    assert str(noisy) == "128.10000000000002"
    path = xlsx_file(tmp_path, HEADER, [13900001111, noisy, datetime(2024, 3, 5, 9, 30)])
    assert rows_of(path)[0].cells == ("13900001111", "128.1", "2024-03-05 09:30:00")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (13900001111.0, "13900001111"),
        (128.5, "128.5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (123456789012345.0, "123456789012345"),
        (5.3030219851123e17, "5.30302198511230E+17"),
        (530302198511230018, "5.30302198511230E+17"),
        (float("nan"), "nan"),
        (True, "TRUE"),
        (date(2024, 3, 5), "2024-03-05"),
        (time(9, 30), "09:30:00"),
        ("00001", "00001"),
    ],
)
def test_a_cell_becomes_text(cell: object, text: str) -> None:
    assert cells.text_of(cell) == text


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2024-03-05", "2024-03-05 00:00:00"),
        ("2024/3/5", "2024-03-05 00:00:00"),
        ("2024-3-5", "2024-03-05 00:00:00"),
        ("2024.3.5 9:05", "2024-03-05 09:05:00"),
        ("2024年3月5日", "2024-03-05 00:00:00"),
        ("2024年3月5日 9时5分", "2024-03-05 09:05:00"),
        ("２０２４－３－５", "2024-03-05 00:00:00"),
        ("20240305", "2024-03-05 00:00:00"),
        ("20240305093000", "2024-03-05 09:30:00"),
        ("2024-03-05 09:30:00", "2024-03-05 09:30:00"),
        ("2024-03-05T09:30:00+08:00", "2024-03-05 09:30:00+08:00"),
        ("2024/3/5 下午2:30:15", "2024-03-05 14:30:15"),
        ("2024/3/5 上午12:30", "2024-03-05 00:30:00"),
        ("45356", "2024-03-05 00:00:00"),
        ("45356.3958333333", "2024-03-05 09:30:00"),
        ("2024-02-30", "2024-02-30"),
        ("昨天", "昨天"),
        ("", ""),
    ],
)
def test_a_moment_is_understood_or_left_alone(written: str, iso: str) -> None:
    assert cells.moment_text(written) == iso
    assert cells.day_text(written) == iso[:10]


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("128.50", "128.50"),
        ("1,280.5", "1280.5"),
        ("￥128", "128"),
        ("１２８元", "128"),
        ("128.5000", "128.50"),
        ("128.555", "128.555"),
        ("1,28.5", "1,28.5"),
        ("-5", "-5"),
    ],
)
def test_an_amount_is_understood_or_left_alone(written: str, yuan: str) -> None:
    assert cells.amount_text(written) == yuan


@pytest.mark.parametrize("written", ["5.30302198511230E+17", "5.30302E+17", "1.39E+10"])
def test_digits_that_excel_lost_are_refused_with_the_way_out(written: str) -> None:
    with pytest.raises(Refusal, match="单元格格式设为“文本”"):
        cells.number_text(written, field="id_number", label="身份证号")
    with pytest.raises(Refusal, match="后几位已丢失"):
        cells.identifier(written, field="file_number", label="档案号")


def test_a_phone_loses_what_spreadsheets_put_around_it() -> None:
    assert cells.number_text("'１３９00001111.0", field="phone", label="电话") == "13900001111"


def test_headings_merged_over_two_rows_are_one_header(tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path,
        ["二〇二四年", None, None],
        ["档案号", "本次收费", "备注"],
        [None, "金　额\n*", None],
        ["P1", 5, "好"],
    )
    book = openpyxl.load_workbook(path)
    for merged in ("A1:C1", "A2:A3", "C2:C3"):
        book.active.merge_cells(merged)
    book.save(path)
    (row,) = rows_of(path)
    assert row.fields() == {"file_number": "P1", "amount": "5", "note": "好"}
    assert row.number == 4


def test_the_sheet_that_was_taken_is_named_where_there_are_several(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, list(HEADER), ["P1", 5])
    assert open_sheet(path, COLUMNS).name == ""
    book = openpyxl.load_workbook(path)
    book.active.title = "一月"
    book.create_sheet("二月").append(list(HEADER))
    book.save(path)
    assert open_sheet(path, COLUMNS).name == "一月"


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path, list(HEADER), ["旧", 5])
    book = openpyxl.load_workbook(path)
    book.active.sheet_state = "hidden"
    book.create_sheet("数据").append(list(HEADER))
    book["数据"].append(["新", 6])
    book.save(path)
    sheet = open_sheet(path, COLUMNS)
    assert [row.cells[0] for row in sheet.rows()] == ["新"]
    assert sheet.name == ""


def test_numbers_on_paper_in_full_width_are_the_ordinary_ones() -> None:
    assert cells.identifier("'０００１２", field="file_number", label="档案号") == "00012"
    assert cells.number_text("１３９０００１１１１.０", field="phone", label="电话") == "1390001111"
    assert cells.amount_text("￥１，２００．５０") == "1200.50"


def test_what_excel_lost_is_refused_without_showing_what_is_left() -> None:
    for written in ("5.30302198511230E+17", "5.3e+17"):
        with pytest.raises(Refusal, match="设为“文本”") as refused:
            cells.number_text(written, field="id_number", label="身份证号")
        assert "5.3" not in refused.value.message
