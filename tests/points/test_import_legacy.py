"""Files of legacy points: by command they count at once, by page after a second person (C2)."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from points.models import LegacyConfirmation, PointsEntry
from points.queries import standing
from staff.models import Approval, Import, User
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.members import patient
from tests.factories.spreadsheets import csv_file, xlsx_file
from tests.factories.staff import user

HEADER = "档案号,姓名,积分,截止日期\n"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]


def run(path: Path) -> list[str]:
    out = StringIO()
    try:
        call_command("import_legacy_points", str(path), stdout=out, stderr=StringIO())
    except SystemExit as ended:
        return [*out.getvalue().splitlines(), f"exit {ended.code}"]
    return out.getvalue().splitlines()


def test_by_command_the_points_count_at_once_and_once(tmp_path: Path) -> None:
    known = patient("00001", name="张三")
    header = HEADER.strip().split(",")
    path = xlsx_file(
        tmp_path,
        header,
        ["00001", "张三", 23000.0, "2025-12-31"],
        ["2", "李四", "２０，０００", 46022],
    )
    assert run(path) == ["new 2, same 0, refused 0"]
    assert standing(known.pk).cumulative == 23000
    entries = PointsEntry.objects.filter(kind=PointsEntry.Kind.OPENING)
    assert sorted(entries.values_list("cumulative_delta", flat=True)) == [20000, 23000]
    assert Import.objects.get().total == 43000
    assert run(path) == ["new 0, same 2, refused 0"]
    assert entries.count() == 2


def test_every_reason_to_refuse_a_row(tmp_path: Path) -> None:
    patient("P1", name="张三")
    said = {
        ",张三,20000,2025-12-31": "请填写档案号",
        "P1,,20000,2025-12-31": "请填写姓名",
        "P1,张三,,2025-12-31": "请填写积分",
        "P1,张三,20000,": "请填写截止日期",
        "P1,张三,20000.5,2025-12-31": "积分应为不超过 9 位的整数",
        "P1,张三,20000,2099-12-31": "截止日期应早于今天",
        "P1,李四,20000,2025-12-31": "姓名与这一行不同",
        "P1,张三,5,2025-12-31": "未达到",
        "P1,张三,20000,2025-12-31,多": "单元格比表头多",
    }
    assert run(csv_file(tmp_path, HEADER + "\n".join(said)))[-2:] == [
        "new 0, same 0, refused 9",
        "exit 1",
    ]
    lines = (tmp_path / "a.refused.csv").read_text("utf-8-sig").splitlines()[1:]
    for line, words_said in zip(lines, said.values(), strict=True):
        assert words_said in line


def test_by_page_the_points_wait_for_a_second_person(db: None) -> None:
    known = patient("P1", name="张三")
    marketing: User = user("市场部")
    browser = browser_of(marketing)
    text = HEADER + "P1,张三,23000.00,2025-12-31\nP2,李四,x,2025-12-31\n"
    file = SimpleUploadedFile("原积分.csv", text.encode())
    browser.post("/imports/new/legacy_points/", {"file": file})
    batch = Import.objects.get()
    address = f"/imports/{batch.pk}/"
    browser.post(f"{address}next/")
    assert "23,000分" in words(browser.get(address))
    assert not LegacyConfirmation.objects.exists()
    browser.post(f"{address}save/")
    browser.post(f"{address}next/")
    assert "由另一位负责人在“待审批”中确认后才计入" in words(browser.get(address))
    assert standing(known.pk).cumulative == 0
    asked = Approval.objects.get()
    assert (asked.kind, asked.requested_by) == ("legacy_points", marketing)
    assert "23,000 分" in asked.summary
