"""Marketing brings a spreadsheet in, with the keyboard alone, and mends what was wrong with it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from members.models import Patient
from points.models import Receipt
from staff.models import Import, User
from staff.operations import staging
from tests.browser.conftest import PASSWORD, Desk
from tests.browser.test_every_page import barriers, wider_than_the_window
from tests.factories.spreadsheets import xlsx_file
from tests.factories.staff import checked_import, user

pytestmark = pytest.mark.browser

HEADER = ["收据号", "档案号", "金额", "收费时间", "姓名"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "CHUNK", 5)


@pytest.fixture
def marketing(hospital: None) -> User:
    return user("市场部", password=PASSWORD)


def choose(desk: Desk, path: Path) -> None:
    """Choose the file: the field has the focus, the dialog behind it is the computer's own."""
    desk.page.locator("[type=file]:focus").set_input_files(path)


def fill(folder: Path, count: int) -> Path:
    rows = [[f"R{n}", f"{n % 7:05}", 12.5, "2024-03-05", "张三"] for n in range(count)]
    rows[3][2], rows[8][3], rows[11][1] = "五元", "昨天", ""
    rows[14][0], rows[14][2] = "R0", 13
    rows[17][1], rows[17][4] = "09999", ""
    return xlsx_file(folder, ["以往的收费"], HEADER, *rows)


def test_a_file_with_five_mistakes_goes_in_comes_back_and_goes_in_again(
    desk: Desk, marketing: User, tmp_path: Path
) -> None:
    desk.log_in(marketing)
    desk.page.get_by_role("link", name="导入").first.focus()
    desk.type("Enter")
    desk.page.get_by_role("link", name="新的导入").focus()
    desk.type("Enter")
    desk.page.get_by_role("link", name="收费").first.focus()
    desk.type("Enter")
    desk.page.wait_for_url("**/imports/new/payments/")
    choose(desk, fill(tmp_path, 30))
    desk.type("Ctrl+Enter")
    desk.page.wait_for_selector("text=导入其中正确的 25 行")
    assert "另有" not in desk.words()
    desk.type("Ctrl+Enter")
    desk.page.wait_for_selector("text=导入完成")
    assert Receipt.objects.count() == 25
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="下载退回的行").press("Enter")
    mended = tmp_path / "mended.xlsx"
    download.value.save_as(mended)
    book = openpyxl.load_workbook(mended)
    marks = [cell for row in book.active for cell in row if cell.fill.fgColor.rgb == "FFFFC7CE"]
    for cell, right in zip(marks, ["5", "2024-03-05", "00004", "R14", "00003"], strict=True):
        cell.value = right
    book.save(mended)
    desk.open("/imports/new/payments/")
    choose(desk, mended)
    desk.type("Ctrl+Enter")
    desk.page.wait_for_selector("text=导入 5 行")
    desk.type("Ctrl+Enter")
    desk.page.wait_for_selector("text=导入完成")
    assert Receipt.objects.count() == 30 and Patient.objects.count() == 7
    assert desk.complaints == []


def test_a_broken_connection_is_said_and_tried_again(
    desk: Desk, marketing: User, tmp_path: Path
) -> None:
    desk.log_in(marketing)
    failures = iter(["abort", "fail", "abort"])

    def breaking(route: Any) -> None:
        match next(failures, None):
            case "abort":
                route.abort()
            case "fail":
                route.fulfill(status=500, body="")
            case _:
                route.continue_()

    desk.page.route("**/next/", breaking)
    desk.open("/imports/new/payments/")
    choose(desk, fill(tmp_path, 30))
    desk.type("Ctrl+Enter")
    desk.page.wait_for_selector("text=连接中断，正在重试")
    desk.page.wait_for_selector("text=导入其中正确的 25 行", timeout=20_000)


def test_the_pages_are_open_to_everybody(
    desk: Desk, marketing: User, axe: str, tmp_path: Path
) -> None:
    desk.log_in(marketing, at="/imports/new/payments/")
    choose(desk, fill(tmp_path, 30))
    desk.type("Ctrl+Enter")
    desk.page.wait_for_selector("text=导入其中正确的")
    checked = Import.objects.get()
    working = checked_import(by=marketing, kind="payments", state="checking", row_count=40)
    checked_import(by=marketing, state="cancelled", finished_at=timezone.now() - timedelta(1))
    # It must stand still while one looks at it.
    desk.page.route("**/next/", lambda route: None)
    found = []
    paths = ["", "new/", "new/payments/", "new/patients/", f"{checked.pk}/", f"{working.pk}/"]
    for path in paths:
        desk.open(f"/imports/{path}")
        found += barriers(desk, axe)
        desk.page.set_viewport_size({"width": 768, "height": 1024})
        if wider_than_the_window(desk):
            found.append(f"{path} scrolls sideways")
        desk.page.set_viewport_size({"width": 1366, "height": 768})
    assert found == []
    assert desk.complaints == []
