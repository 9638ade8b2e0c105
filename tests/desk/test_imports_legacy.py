"""Files of legacy points by page: who has them saved, and what a second person said of them."""

import pytest
from django.test import Client

from points.models import LegacyBalance
from staff.models import Approval, Import
from tests.desk.conftest import browser_of
from tests.desk.importing import page, run, save, told, upload
from tests.factories import points
from tests.factories.members import patient
from tests.factories.staff import checked_import, user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme", "uploads_here")]

WAITS = "在“待审批”中确认后才计入"


@pytest.fixture
def browser(db: None) -> Client:
    return browser_of(user("市场部"))


def test_only_who_uploaded_legacy_points_has_them_saved(browser: Client) -> None:
    checked = run(browser, upload(browser, "legacy_points", "P1,张三,23000,2025-12-31"))
    colleague = browser_of(user("市场部", "主管"))
    assert f"原积分由上传人{checked.by.name}本人按“导入”" in told(colleague, checked, "save")
    assert Import.objects.get().state == "checked" and not LegacyBalance.objects.exists()
    assert save(browser, checked).saved_by == checked.by == Approval.objects.get().requested_by


def test_a_colleague_goes_on_once_the_uploader_has_begun(browser: Client) -> None:
    checked = run(browser, upload(browser, "legacy_points", "P1,张三,23000,2025-12-31"))
    browser.post(f"/imports/{checked.pk}/save/")
    done = save(browser_of(user("市场部")), checked)
    assert done.state == "done" and Approval.objects.get().requested_by == checked.by


def test_the_page_says_whether_the_points_count(browser: Client) -> None:
    asked = points.legacy((patient("P1"), 21000))
    assert WAITS in page(browser, asked.imported_in)
    points.confirmed(asked)
    said = page(browser, asked.imported_in)
    assert "这些积分已确认计入" in said and WAITS not in said


def test_the_page_says_that_points_were_not_confirmed(browser: Client) -> None:
    asked = points.legacy((patient("P1"), 21000))
    points.confirmed(asked, confirm=False)
    said = page(browser, asked.imported_in)
    assert "这些积分未予确认，不计入" in said and WAITS not in said


def test_the_page_of_points_counted_at_once_waits_for_nobody(browser: Client) -> None:
    by, made = user(), checked_import().created_at
    batch = checked_import(
        kind="legacy_points",
        state="done",
        is_staged=False,
        by=by,
        saved_by=by,
        finished_at=made,
        row_count=1,
        new=1,
    )
    said = page(browser, batch)
    assert "导入完成" in said and "待审批" not in said
