"""What is sent to be imported: which files, and by whom."""

import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from django.test import Client

from desk import uploads
from desk.forms import imports as forms
from desk.imports import KINDS
from members.models import Patient
from staff.models import Import
from tests.desk.conftest import browser_of
from tests.desk.importing import HEADERS, counts, page, run, save, send, upload
from tests.desk.words import words
from tests.factories.staff import checked_import, user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("scheme", "small_chunks", "uploads_here"),
]

PHONE = "13900001111"


@pytest.fixture
def browser(db: None) -> Client:
    return browser_of(user("市场部"))


def test_cells_as_excel_really_delivers_them(browser: Client) -> None:
    book = openpyxl.Workbook()
    rows: list[list[object]] = [
        ["病人名单", None, None, None, None],
        ["档案号", "姓名", "出生日期", "电话", "身份证号"],
        [1, "张三", datetime(1985, 3, 12), 13900001111.0, None],
        ["００００2", "李四", "1985年3月12日", "１３９００００１１１２", None],
        ["3", "王五", 31118, None, 5.30302198511230e17],
        [None, None, None, None, None],
    ]
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A1:E1")
    target = io.BytesIO()
    book.save(target)
    send(browser, "patients", target.getvalue(), "病人.xlsx")
    saved = save(browser, run(browser, Import.objects.get()))
    assert counts(saved) == (2, 0, 0, 1)
    found = {row.file_number: row for row in Patient.objects.all()}
    assert set(found) == {"1", "00002"}
    assert {str(row.birth_date) for row in found.values()} == {"1985-03-12"}
    assert found["1"].phone == "13900001111" and found["00002"].phone == "13900001112"
    assert "先把这一列的单元格格式设为“文本”" in page(browser, saved)


def test_what_no_database_holds_is_left_out_of_the_record(browser: Client) -> None:
    send(browser, "patients", "档案号,姓名,坏\0列\nP1,张\0三,\0\nP2,李四,x\n", "\0坏.csv")
    checked = run(browser, Import.objects.get())
    assert checked.ignored == ["坏列"]
    assert counts(checked) == (1, 0, 0, 1)
    assert "无法识别的字符" in page(browser, checked)


UPLOADS = {
    ("", "a.csv"): "文件是空的",
    ("档案号,姓名\n", "a.csv"): "表头下面没有数据",
    ("档案号\nP1\n", "a.csv"): "表头缺少“姓名”列",
    ("x", "a.pdf"): "只能导入 .xlsx 或 .csv 文件",
    ("x", "a"): "只能导入 .xlsx 或 .csv 文件",
    ("档案号,姓名\nP1,x\n", "a.xlsx"): "这不是 Excel 工作簿",
    ("PK\x03\x04xxxx", "a.xlsx"): "可能已损坏",
}


@pytest.mark.parametrize(("sent", "sentence"), UPLOADS.items(), ids=str)
def test_a_file_that_cannot_be_read_is_refused(
    browser: Client, sent: tuple[str, str], sentence: str, tmp_path: Path
) -> None:
    answer = send(browser, "patients", *sent)
    assert answer.status_code == 200 and sentence in words(answer)
    assert "/tmp" not in words(answer)
    assert not Import.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_dropped(
    browser: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in (uploads, forms):
        monkeypatch.setattr(module, "LARGEST_UPLOAD", 1000)
    answer = send(browser, "patients", HEADERS["patients"] + "P1,张三,,\n" * 1000)
    assert "文件太大" in words(answer)
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_asked_for(browser: Client) -> None:
    assert "请选择要上传的文件" in words(browser.post("/imports/new/patients/", {}))
    assert "请选择要上传的文件" in words(browser.post("/imports/new/patients/", {"file": "x"}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_is_read_back_by_its_own_import(browser: Client, kind: str) -> None:
    answer = browser.get(f"/imports/template/{kind}/")
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    headings = [cell.value for cell in book.active[1]]
    assert headings == [column.heading for column in KINDS[kind].columns]
    said = words(browser.get(f"/imports/new/{kind}/"))
    assert all(heading in said for heading in headings)


def test_the_sheet_and_the_ignored_columns_are_named(browser: Client) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    for name in ("一月", "二月"):
        book.create_sheet(name).append(["档案号", "姓名", "血型"])
        book[name].append([name, "张三", "A"])
    target = io.BytesIO()
    book.save(target)
    send(browser, "patients", target.getvalue(), "病人 名单.xlsx")
    checked = run(browser, Import.objects.get())
    said = page(browser, checked)
    assert "一月（第一张列齐全的" in said and "血型" in said and "病人 名单.xlsx" in said
    assert checked.row_count == 1


def test_each_post_sees_its_own_kinds(db: None) -> None:
    finance, desk = browser_of(user("财务")), browser_of(user("会员管理员"))
    assert "收费" in words(finance.get("/imports/new/"))
    assert finance.get("/imports/new/payments/").status_code == 200
    assert finance.get("/imports/new/patients/").status_code == 404
    assert desk.get("/imports/new/patients/").status_code == 200
    assert desk.get("/imports/template/payments/").status_code == 404


def test_rows_are_only_for_whoever_may_import_their_kind(browser: Client) -> None:
    checked = run(browser, upload(browser, "patients", f"P1,张三,{PHONE},", "P2,李四,1,"))
    finance, manager = browser_of(user("财务")), browser_of(user("总经理"))
    for other in (finance, manager):
        said = page(other, checked)
        assert "有错" in said and "李四" not in said and "下载" not in said
    assert finance.post(f"/imports/{checked.pk}/save/").status_code == 404
    assert finance.get(f"/imports/{checked.pk}/refused/").status_code == 404
    assert manager.post(f"/imports/{checked.pk}/save/").status_code == 403


def test_a_command_that_was_broken_off_says_what_to_do(browser: Client) -> None:
    by = user()
    batch = checked_import(by=by, state="saving", saved_by=by, is_staged=False, row_count=5)
    assert "请再次导入同一文件" in page(browser, batch)
    assert "未完成" in words(browser.get("/imports/"))
    answer = browser.post(f"/imports/{batch.pk}/cancel/", follow=True)
    assert "不能取消；没有导入完的，请用命令再次导入同一文件" in words(answer)
