"""`manage.py import_payments`: files of payments, from the first line to the exit status."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError

from members.models import Patient
from points.management.commands import import_payments as command
from points.models import PointsEntry, Receipt, TierReached
from points.operations.imports import PAYMENTS, import_payments
from points.queries import standing
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.operations import imports
from staff.operations.file_kinds import FileKind
from staff.spreadsheets import Row
from tests.factories.members import patient
from tests.factories.points import member, receipt
from tests.factories.scheme import BEFORE_2026
from tests.factories.spreadsheets import csv_file, xlsx_file

HEADER = "收据号,档案号,金额,收费时间,姓名,科室,医生工号,备注\n"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]


def run(path: Path, *options: str, err: StringIO | None = None) -> list[str]:
    """The lines that the command wrote; the last one is `exit 1` if it ended so."""
    out = StringIO()
    try:
        call_command("import_payments", str(path), *options, stdout=out, stderr=err or StringIO())
    except SystemExit as ended:
        return [*out.getvalue().splitlines(), f"exit {ended.code}"]
    return out.getvalue().splitlines()


def reasons(folder: Path) -> list[str]:
    lines = (folder / "a.refused.csv").read_text("utf-8-sig").splitlines()
    return [line.rpartition(",")[2] for line in lines[1:]]


def file(folder: Path, *rows: str) -> Path:
    return csv_file(folder, HEADER + "".join(f"{row}\n" for row in rows))


def test_every_column_arrives_and_the_same_file_changes_nothing(tmp_path: Path) -> None:
    paid = "2024/3/5 9:30"
    header = HEADER.strip().split(",")
    path = xlsx_file(tmp_path, header, ["R1", 1001, 128.1, paid, "张三", "修复科", "D001", "洁牙"])
    assert run(path) == ["new 1, same 0, refused 0"]
    saved = Receipt.objects.get()
    assert (saved.patient.file_number, saved.patient.name) == ("1001", "张三")
    assert (str(saved.amount), saved.net_points) == ("128.10", 128)
    assert saved.paid_at.isoformat() == "2024-03-05T01:30:00+00:00"
    assert (saved.department, saved.doctor_number, saved.note) == ("修复科", "D001", "洁牙")
    assert run(path) == ["new 0, same 1, refused 0"]
    assert PointsEntry.objects.count() == 1


def test_rows_are_posted_in_file_order_and_raise_levels(tmp_path: Path) -> None:
    joined = patient("P1")
    member(joined, "1000")
    path = file(tmp_path, "R1,P1,4999,2024-03-05", "R2,P1,1,2024-03-05", "R3,P1,2500,2024-01-01")
    assert run(path) == ["new 3, same 0, refused 0"]
    assert list(PointsEntry.objects.order_by("seq").values_list("cumulative_after", flat=True)) == [
        *(1000, 5999, 6000, 8500)
    ]
    assert list(TierReached.objects.order_by("pk").values_list("tier", flat=True)) == [
        "ordinary",
        "senior",
    ]
    assert standing(joined.pk).tier == "senior"


def test_every_reason_to_refuse_a_row(tmp_path: Path) -> None:
    patient("P1")
    said = {
        ",P1,5,2024-03-05": "请填写收据号",
        "R1,,5,2024-03-05": "请填写档案号",
        "R1,P1,,2024-03-05": "请填写金额",
        "R1,P1,5,": "请填写收费时间",
        "R1,P1,-5,2024-03-05": "必须大于 0 元",
        "R1,P1,0,2024-03-05": "必须大于 0 元",
        "R1,P1,123456789012,2024-03-05": "金额应为",
        "R1,P1,5.555,2024-03-05": "金额应为",
        "R1,P1,=5+5,2024-03-05": "金额应为",
        "R1,P1,5,2099-03-05": "不能晚于现在",
        "R1,P1,5,昨天": "收费时间应写作",
        "R1,P1,5,2013-09-30": "会员方案尚未开始",
        "R1,P9,5,2024-03-05": "没有档案号为 P9 的病人",
        "R1,P9,5,2024-03-05," + "长" * 51: "姓名最多 50 个字",
        "1.39E+10,P1,5,2024-03-05": "收据号被 Excel 当成了数字",
        "R1,P1,5,2024-03-05,,,,坏\0字": "备注含有无法识别的字符",
        "R1,P1,5,2024-03-05,,,,,多": "单元格比表头多",
    }
    assert run(file(tmp_path, *said))[-2:] == ["new 0, same 0, refused 17", "exit 1"]
    for reason, words in zip(reasons(tmp_path), said.values(), strict=True):
        assert words in reason
    assert not Receipt.objects.exists()


def test_a_receipt_number_twice_in_a_file_is_the_same_or_refused(tmp_path: Path) -> None:
    receipt(patient("P1"), "7", number="R0", at=BEFORE_2026)
    path = file(
        tmp_path,
        "R1,P1,5,2024-03-05 09:00",
        "R1,P1,5.00,2024-03-05 17:00",
        "R1,P1,6,2024-03-05",
        "R0,P1,7,2025-12-01 08:00",
        "R0,P1,7,2025-12-02",
    )
    assert run(path)[-2:] == ["new 1, same 2, refused 2", "exit 1"]
    assert all("已用于" in reason for reason in reasons(tmp_path))


def test_the_first_name_that_a_file_gives_opens_the_patients_file(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "R1,P9,5,2024-03-05",
        "R2,P9,5,2013-01-01,早了",
        "R3,P9,5,2024-03-05,",
        "R4,P9,5,2024-03-05,张三",
        "R5,P9,5,2024-03-06,李四",
        "R6,P9,5,2024-03-06",
    )
    assert run(path)[-2:] == ["new 2, same 0, refused 4", "exit 1"]
    assert Patient.objects.get().name == "早了"


def test_a_payment_under_another_name_than_the_files_is_refused(tmp_path: Path) -> None:
    patient("P1", name="李四")
    path = file(
        tmp_path, "R1,P1,5,2024-03-05,张三", "R2,P1,5,2024-03-05,李四", "R3,P1,5,2024-03-05"
    )
    assert run(path)[-2:] == ["new 2, same 0, refused 1", "exit 1"]
    assert not Receipt.objects.filter(number="R1").exists()


def test_no_wrong_name_is_handed_on_to_later_rows(tmp_path: Path) -> None:
    rows = ["R1,P9,5,2024-03-05," + "长" * 51, "R2,P9,5,2024-03-05", "R3,P9,5,2024-03-05,张三"]
    assert run(file(tmp_path, *rows))[-2:] == ["new 1, same 0, refused 2", "exit 1"]
    assert Patient.objects.get().name == "张三"


def test_an_import_is_on_record_and_a_dry_run_is_not(tmp_path: Path) -> None:
    path = file(tmp_path, "R1,P9,5.50,2024-03-05,张三", "R2,P9,7,2024-03-05", "R3,P8,1,2024-03-05")
    run(path, "--dry-run")
    assert not Import.objects.exists()
    run(path)
    run(path)
    first, again = Import.objects.order_by("pk")
    assert (first.kind, first.state, first.by.username) == ("payments", "done", "system")
    assert first.digest == again.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (first.new, first.same, first.refused, first.total) == (2, 0, 1, Decimal("12.50"))
    assert (again.new, again.same, again.refused, int(again.total)) == (0, 2, 1, 0)


def test_a_refused_row_opens_no_file(tmp_path: Path) -> None:
    path = file(tmp_path, "R1,P9,5,2013-01-01,张三", "R2,P8,5,2024-01-01,李四")
    assert run(path)[-2:] == ["new 1, same 0, refused 1", "exit 1"]
    assert [row.file_number for row in Patient.objects.all()] == ["P8"]


def test_a_dry_run_says_the_same_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    rows = [
        "R1,P9,5,2024-03-05,张三",
        "R2,P9,5,2024-03-05",
        "R1,P9,5,2024-03-05",
        "R3,P7,1,2024-1-1",
    ]
    path = file(tmp_path, *rows)
    assert run(path, "--dry-run")[-2:] == ["new 2, same 1, refused 1", "exit 1"]
    assert not Patient.objects.exists() and not PointsEntry.objects.exists()
    assert run(path)[-2:] == ["new 2, same 1, refused 1", "exit 1"]


def test_batches_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    err = StringIO()
    rows = [f"R{n % 4},P{n % 3},5,2024-03-05,张三" for n in range(5)]
    assert run(file(tmp_path, *rows), err=err)[-2:] == ["new 4, same 0, refused 1", "exit 1"]
    told = err.getvalue().splitlines()
    assert [line.split("，")[0] for line in told] == [
        "已处理 2 / 5 行",
        "已处理 4 / 5 行",
        "已处理 5 / 5 行",
    ]


def _failing(bad: str, error: Exception) -> FileKind:
    def save(*, rows: Sequence[Row], by: User, now: datetime, batch: Import) -> list[str | Refusal]:
        if any(row.given["receipt_number"] == bad for row in rows):
            raise error
        return import_payments(rows=rows, by=by, now=now, batch=batch)

    return replace(PAYMENTS, save=save)


def test_what_one_row_spoils_costs_only_that_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PAYMENTS", _failing("R3", IntegrityError()))
    rows = [f"R{n},P9,5,2024-03-05,张三" for n in range(6)]
    assert run(file(tmp_path, *rows))[-2:] == ["new 5, same 0, refused 1", "exit 1"]
    assert reasons(tmp_path) == ["数据库拒绝了这一行，请联系系统管理员"]


def test_a_database_that_goes_away_keeps_what_is_in_and_names_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    rows = [f"R{n},P9,5,2024-03-05,张三" for n in range(6)]
    with monkeypatch.context() as broken:
        broken.setattr(command, "PAYMENTS", _failing("R3", OperationalError()))
        with pytest.raises(CommandError, match="第 4–5 行及以后的行没有入账"):
            run(file(tmp_path, *rows))
    assert Receipt.objects.count() == 2
    assert run(file(tmp_path, *rows)) == ["new 4, same 2, refused 0"]
