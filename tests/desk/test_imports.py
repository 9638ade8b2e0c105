"""Imports by page, without scripts: check, save, mend; whatever comes in between."""

from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from members.models import Patient
from points.models import PointsEntry, Receipt
from staff.exceptions import Refusal
from staff.models import Import, ImportChunk, User
from staff.operations import staging
from tests.desk.conftest import browser_of
from tests.desk.importing import counts, page, run, save, step, told, upload
from tests.desk.words import words
from tests.factories.members import patient
from tests.factories.staff import checked_import, user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("scheme", "small_chunks", "uploads_here"),
]

PHONE, ID_NUMBER = "13900001111", "530302198511230019"


@pytest.fixture
def marketing(db: None) -> User:
    return user("市场部")


@pytest.fixture
def browser(marketing: User) -> Client:
    return browser_of(marketing)


def refused_book(browser: Client, batch: Import) -> bytes:
    answer = browser.get(f"/imports/{batch.pk}/refused/")
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_a_file_is_checked_then_saved_and_again_is_the_same(browser: Client) -> None:
    rows = [f"R{n},P{n % 2},10.50,2024-03-05,张三" for n in range(5)]
    checked = run(browser, upload(browser, "payments", *rows))
    assert (checked.state, counts(checked)) == ("checked", (5, 0, 0, 0))
    assert not Receipt.objects.exists() and not Patient.objects.exists()
    said = page(browser, checked)
    assert "检查完毕，还没有写入" in said and "导入 5 行" in said and "52.50元" in said
    saved = save(browser, checked)
    assert (saved.state, counts(saved), str(saved.total)) == ("done", (5, 0, 0, 0), "52.50")
    assert Receipt.objects.count() == PointsEntry.objects.count() == 5
    assert set(Receipt.objects.values_list("by", flat=True)) == {saved.saved_by_id}
    again = run(browser, upload(browser, "payments", *rows))
    assert "同一个文件在" in page(browser, again)
    assert counts(save(browser, again)) == (0, 0, 5, 0)
    assert Receipt.objects.count() == 5


def test_the_check_foresees_what_earlier_steps_will_have_done(browser: Client) -> None:
    rows = [
        "R1,P1,5,2024-03-05,张三",
        "R2,P2,5,2024-03-05,李四",
        "R3,P1,5,2024-03-05",
        "R1,P1,5,2024-03-05",
        "R1,P1,6,2024-03-05",
        "R9,P9,5,2024-03-05",
        "R2,P2,5,2013-01-01",
    ]
    checked = run(browser, upload(browser, "payments", *rows))
    saved = save(browser, checked)
    assert counts(checked) == counts(saved) == (3, 0, 1, 3)


def test_the_check_follows_changes_of_one_patient_across_steps(browser: Client) -> None:
    patient("P1", name="张三")
    rows = ["P1,张三,,", "P2,李四,,", "P1,张三,13900001111,", "P3,王五,,", "P1,张三,13900001111,"]
    checked = run(browser, upload(browser, "patients", *rows))
    saved = save(browser, checked)
    assert counts(checked) == counts(saved) == (2, 1, 2, 0)


def test_wrong_rows_come_back_red_and_go_in_when_mended(browser: Client, tmp_path: Path) -> None:
    rows = [
        f"P1,张三,{PHONE},",
        "P2,李四,123,",
        f"P3,王五,,{ID_NUMBER[:-1]}2",
        "P4,赵六,,5.3e+17",
        ",无号,,",
    ]
    checked = run(browser, upload(browser, "patients", *rows))
    said = page(browser, checked)
    assert "导入其中正确的 1 行" in said and "下载退回的行" in said
    assert "P4 赵六 身份证号被 Excel 当成了数字" in said
    assert PHONE not in said and ID_NUMBER[:-1] not in said and "5.3e" not in said
    saved = save(browser, checked)
    assert counts(saved) == (1, 0, 0, 4)
    mended = tmp_path / "mended.xlsx"
    mended.write_bytes(refused_book(browser, saved))
    book = openpyxl.load_workbook(mended)
    sheet = book.active
    red = [cell.coordinate for row in sheet for cell in row if cell.fill.fgColor.rgb == "FFFFC7CE"]
    assert red == ["C2", "D3", "D4", "A5"]
    assert "文本" in sheet["D4"].comment.text
    assert sheet["E1"].value == "错误原因" and sheet["E2"].value
    sheet["C2"], sheet["D3"], sheet["D4"], sheet["A5"] = "13900002222", "", "", "P5"
    book.save(mended)
    with mended.open("rb") as file:
        browser.post("/imports/new/patients/", {"file": file})
    assert counts(save(browser, run(browser, Import.objects.latest("pk")))) == (4, 0, 0, 0)
    assert Patient.objects.count() == 5


def test_neither_the_database_nor_the_upload_folder_keeps_a_phone(
    browser: Client, tmp_path: Path
) -> None:
    checked = run(browser, upload(browser, "patients", f"P1,张三,{PHONE},", "P2,李,1,"))
    assert list(tmp_path.iterdir()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows, judged FROM staff_importchunk")
        stored = str(cursor.fetchall())
    assert PHONE not in stored and "张三" not in stored
    save(browser, checked)
    left = [row for chunk in ImportChunk.objects.all() for row in chunk.staged().rows]
    assert [row[1][0] for row in left] == ["P2"]


def test_another_colleague_goes_on_where_one_stopped(browser: Client, marketing: User) -> None:
    checked = run(
        browser, upload(browser, "payments", *[f"R{n},P,5,2024-1-1,张" for n in range(5)])
    )
    browser.post(f"/imports/{checked.pk}/save/")
    step(browser, checked)
    assert Receipt.objects.count() == 2
    listed = words(browser.get("/imports/"))
    assert "导入中：继续" in listed
    done = run(browser_of(user("市场部")), checked)
    assert counts(done) == (5, 0, 0, 0)
    assert done.saved_by == marketing
    assert set(Receipt.objects.values_list("by", flat=True)) == {marketing.pk}


def test_a_step_that_fails_leaves_nothing_and_is_done_again(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = run(
        browser, upload(browser, "payments", *[f"R{n},P,5,2024-1-1,张" for n in range(4)])
    )
    browser.post(f"/imports/{checked.pk}/save/")
    step(browser, checked)
    browser.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(staging, "count_results", _gone)
        assert browser.post(f"/imports/{checked.pk}/next/").status_code >= 500
    assert Receipt.objects.count() == 2
    assert counts(run(browser, checked)) == (4, 0, 0, 0)


def _gone(*_: object) -> None:
    raise OperationalError("the server went away")


def test_while_another_import_saves_one_waits(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = run(browser, upload(browser, "patients", "P1,张三,,"))
    browser.post(f"/imports/{checked.pk}/save/")
    monkeypatch.setattr(staging, "only_import_until_commit", _another_runs)
    answer = browser.post(f"/imports/{checked.pk}/next/", follow=True)
    assert "另一个导入正在进行" in words(answer)
    scripted = browser.post(f"/imports/{checked.pk}/next/", headers={"HX-Request": "true"})
    assert "load delay:2s" in scripted.content.decode() and "会自动再试" in words(scripted)


def _another_runs() -> None:
    raise Refusal("import_running", 409, "另一个导入正在进行，请等它结束后再试")


def test_a_script_gets_the_progress_and_at_the_end_the_whole_page(browser: Client) -> None:
    batch = upload(browser, "patients", "P1,张三,,", "P2,李四,,", "P3,王五,,")
    first = browser.post(f"/imports/{batch.pk}/next/", headers={"HX-Request": "true"})
    assert "2 / 3 行（66%）：新增 2，更新 0，相同 0，有错 0" in words(first)
    assert "<html" not in first.content.decode()
    last = browser.post(f"/imports/{batch.pk}/next/", headers={"HX-Request": "true"})
    assert (last.status_code, last.headers["HX-Redirect"]) == (204, f"/imports/{batch.pk}/")


def test_an_import_can_be_given_up_before_anything_is_saved(browser: Client) -> None:
    checked = run(browser, upload(browser, "patients", "P1,张三,,"))
    assert "已取消，数据没有改变" in words(
        browser.post(f"/imports/{checked.pk}/cancel/", follow=True)
    )
    assert not ImportChunk.objects.exists()
    assert browser.post(f"/imports/{checked.pk}/cancel/").status_code == 302
    assert "已取消，现在不能导入" in told(browser, checked, "save")
    assert step(browser, checked).state == "cancelled"


def test_what_has_begun_to_be_saved_is_not_given_up(browser: Client) -> None:
    checked = run(browser, upload(browser, "patients", "P1,张三,,"))
    browser.post(f"/imports/{checked.pk}/save/")
    assert "已开始写入，不能取消；没有导入完的，请按“继续”" in told(browser, checked, "cancel")
    done = run(browser, checked)
    browser.post(f"/imports/{done.pk}/save/")
    assert Import.objects.get(pk=done.pk).state == "done"


def test_an_import_is_saved_only_when_checked_and_with_a_good_row(browser: Client) -> None:
    batch = upload(browser, "patients", "P1,,,")
    assert "检查中，现在不能导入" in told(browser, batch, "save")
    run(browser, batch)
    assert "导入其中" not in page(browser, batch)
    assert "没有可以导入的行" in told(browser, batch, "save")


def test_rows_are_forgotten_thirty_days_after_the_end(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = save(browser, run(browser, upload(browser, "patients", "P1,张三,,", "P2,,,")))
    upload(browser, "patients", "P3,王五,,")
    assert saved.chunks.exists()
    monkeypatch.setattr(staging, "_KEPT", timedelta(0))
    upload(browser, "patients", "P4,赵六,,")
    assert not saved.chunks.exists()
    assert Import.objects.filter(pk=saved.pk).exists()


def test_what_nobody_began_to_save_is_cancelled_after_thirty_days(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = step(browser, upload(browser, "patients", *[f"P{n},张三,," for n in range(4)]))
    checked = run(browser, upload(browser, "patients", "P1,张三,,"))
    saving = run(browser, upload(browser, "patients", "P2,李四,,"))
    browser.post(f"/imports/{saving.pk}/save/")
    monkeypatch.setattr(staging, "_KEPT", timedelta(0))
    fresh = upload(browser, "patients", "P4,赵六,,")
    found = Import.objects.in_bulk([half.pk, checked.pk, saving.pk, fresh.pk])
    assert [found[pk].state for pk in sorted(found)] == [
        "cancelled",
        "cancelled",
        "saving",
        "checking",
    ]
    kept = set(ImportChunk.objects.values_list("batch", flat=True))
    assert kept == {saving.pk, fresh.pk}
    assert counts(run(browser, saving)) == (1, 0, 0, 0)


def test_the_list_takes_a_fixed_number_of_queries(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(40):
        checked_import()
    with django_assert_max_num_queries(14):
        assert "较早的" in words(browser.get("/imports/"))
