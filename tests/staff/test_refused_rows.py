"""The file of refused rows: as they were, with the reason, and harmless."""

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from staff.exceptions import Refusal
from staff.spreadsheets import RefusedRows, open_sheet
from tests.factories.spreadsheets import COLUMNS, HEADER, csv_file

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1"]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_refused_rows_come_back_as_they_were_and_harmless(tmp_path: Path, ending: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEADER, *(["P1", "5", text] for text in FORMULAS)])
    sheet = open_sheet(csv_file(tmp_path, buffer.getvalue()), COLUMNS)
    with RefusedRows(sheet, tmp_path / f"back{ending}") as refused:
        for row in sheet.rows():
            refused.write(row, "金额不对")
    again = open_sheet(refused.path, COLUMNS)
    assert again.header == (*HEADER, "错误原因")
    assert again.ignored == ()
    # A line break inside a workbook's cell is always \n.
    expected = [text.replace("\r", "\n") if ending == ".xlsx" else text for text in FORMULAS]
    assert [row.cells for row in again.rows()] == [
        ("P1", "5", text, "金额不对") for text in expected
    ]
    if ending == ".csv":
        assert "'=1+1" in refused.path.read_text("utf-8-sig")
    else:
        column = openpyxl.load_workbook(refused.path).active["C"][1:]
        assert {cell.data_type for cell in column} == {"s"}
        assert all(cell.quotePrefix for cell in column)


def test_a_mended_file_has_one_column_of_reasons_again(tmp_path: Path) -> None:
    text = "档案号,错误原因,金额\nP1,旧,x\n"
    sheet = open_sheet(csv_file(tmp_path, text), COLUMNS)
    with RefusedRows(sheet, None) as refused:
        refused.write(next(sheet.rows()), "新")
    assert refused.path == tmp_path / "a.refused.csv"
    assert refused.path.read_text("utf-8-sig") == "档案号,金额,错误原因\nP1,x,新\n"


def test_what_no_workbook_can_hold_is_replaced(tmp_path: Path) -> None:
    sheet = open_sheet(csv_file(tmp_path, "档案号,金额\nP\0\x1b1,5\n"), COLUMNS)
    with RefusedRows(sheet, tmp_path / "b.xlsx") as refused:
        refused.write(next(sheet.rows()), "x" * 40_000)
    _, row = openpyxl.load_workbook(refused.path).active.iter_rows(values_only=True)
    assert row[0] == "P��1"
    assert len(row[2]) == 32_767


def test_a_file_of_refused_rows_appears_only_when_asked_for_or_needed(tmp_path: Path) -> None:
    sheet = open_sheet(csv_file(tmp_path, "档案号,金额\n"), COLUMNS)
    with RefusedRows(sheet, None):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    with RefusedRows(sheet, tmp_path / "asked.csv"):
        pass
    assert (tmp_path / "asked.csv").read_text("utf-8-sig") == "档案号,金额,错误原因\n"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("a.csv", "不能与导入的文件同名"), ("x.pdf", "结尾"), ("no/where.csv", "无法写入")],
)
def test_where_refused_rows_cannot_go(tmp_path: Path, name: str, sentence: str) -> None:
    sheet = open_sheet(csv_file(tmp_path, "档案号,金额\n"), COLUMNS)
    with pytest.raises(Refusal, match=sentence), RefusedRows(sheet, tmp_path / name):
        pass


def test_the_wrong_cell_is_red_and_says_why(tmp_path: Path) -> None:
    sheet = open_sheet(csv_file(tmp_path, "档案号,金额\nP1,x\nP2,5\n"), COLUMNS)
    with RefusedRows(sheet, tmp_path / "b.xlsx") as refused:
        first, second = sheet.rows()
        refused.write(first, "金额应为数字", "amount")
        refused.write(second, "单元格比表头多")
    page = openpyxl.load_workbook(refused.path).active
    marked = {
        cell.coordinate: cell.comment.text
        for row in page.iter_rows()
        for cell in row
        if cell.comment
    }
    assert marked == {"B2": "金额应为数字", "C3": "单元格比表头多"}
    assert page["B2"].fill.fgColor.rgb == "FFFFC7CE"
    assert page["A2"].fill.fgColor.rgb == "00000000"
