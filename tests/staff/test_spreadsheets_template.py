"""The workbook to fill in: what Excel shows, and that it is read back."""

from pathlib import Path

import openpyxl

from staff.spreadsheets import Column, open_sheet, write_template

COLUMNS = (
    Column("档案号", "file_number", required=True, note="与病历封面一致", example="00001"),
    Column("性别", "sex", choices=("男", "女")),
    Column("金额", "amount", required=True, is_text=False),
)


def test_a_template_explains_its_columns_and_is_read_back_empty(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with path.open("wb") as file:
        write_template("收费", COLUMNS, file)
    page = openpyxl.load_workbook(path)["收费"]
    assert [cell.value for cell in page[1]] == ["档案号", "性别", "金额"]
    assert page["A1"].comment.text == "必填。与病历封面一致。例如：00001"
    assert page["B1"].comment.text == "选填。只能填：男、女"
    assert page["A1"].fill.fgColor.rgb == page["C1"].fill.fgColor.rgb
    assert page["A1"].fill.fgColor.rgb != page["B1"].fill.fgColor.rgb
    formats = [page.column_dimensions[letter].number_format for letter in "ABC"]
    assert formats == ["@", "@", "General"]
    (chosen,) = page.data_validations.dataValidation
    assert (chosen.formula1, str(chosen.sqref)) == ('"男,女"', "B2:B1048576")
    sheet = open_sheet(path, COLUMNS)
    assert (sheet.row_count, sheet.ignored) == (0, ())
