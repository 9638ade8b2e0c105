"""`manage.py import_patients`: files of patients, from the first line to the exit status."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from members.models import Patient
from staff.operations import imports
from tests.factories.members import patient, resident_id
from tests.factories.spreadsheets import csv_file, xlsx_file

HEADER = ("档案号", "姓名", "性别", "出生日期", "电话", "身份证号", "家庭住址")

pytestmark = pytest.mark.django_db


def run(path: Path, *options: str) -> list[str]:
    """The lines that the command wrote; the last one is `exit 1` if it ended so."""
    out = StringIO()
    try:
        call_command("import_patients", str(path), *options, stdout=out, stderr=StringIO())
    except SystemExit as ended:
        return [*out.getvalue().splitlines(), f"exit {ended.code}"]
    return out.getvalue().splitlines()


def test_every_column_arrives_and_the_same_file_changes_nothing(tmp_path: Path) -> None:
    number = resident_id("19850312", serial=1)
    row = ["00001", "张𠮷", "男", "1985年3月12日", 13900001111, number, "麒麟区南宁西路1号"]
    path = xlsx_file(tmp_path, HEADER, row)
    assert run(path) == ["new 1, same 0, refused 0"]
    saved = Patient.objects.get(file_number="00001").details()
    assert (saved.name, saved.sex, str(saved.birth_date)) == ("张𠮷", "male", "1985-03-12")
    assert (saved.phone, saved.document_number) == ("13900001111", number)
    assert (saved.document_type, saved.address) == ("resident_id", "麒麟区南宁西路1号")
    assert run(path) == ["new 0, same 1, refused 0"]


def test_an_empty_cell_leaves_what_is_known_and_a_change_is_told(tmp_path: Path) -> None:
    patient("P1", phone="13900001111", address="旧址")
    path = csv_file(tmp_path, "档案号,姓名,电话,家庭住址\nP1,张三丰,,新址\nP2,李四,,\n")
    assert run(path) == ["new 中有 1 行是对已有档案的更新", "new 2, same 0, refused 0"]
    saved = Patient.objects.get(file_number="P1")
    assert (saved.phone, saved.address) == ("13900001111", "新址")


def test_good_rows_go_in_and_refused_ones_come_back_with_their_reason(tmp_path: Path) -> None:
    number = resident_id()
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    path = csv_file(
        tmp_path,
        "档案号,姓名,性别,出生日期,电话,身份证号\n"
        f"P1,张三,,,,{wrong}\n"
        "P2,,,,,\n"
        "P3,李四,未知,,,\n"
        "P4,王五,,2099/1/1,,\n"
        "P5,赵六,,,1.39E+10,\n"
        "P6,孙\0七,,,,\n"
        "P7,周八,,,,5.30302E+17\n"
        "P8,吴九,女,,,\n",
    )
    assert run(path) == [
        f"退回的 7 行和错误原因在 {tmp_path / 'a.refused.csv'}",
        "new 1, same 0, refused 7",
        "exit 1",
    ]
    assert [row.name for row in Patient.objects.all()] == ["吴九"]
    lines = (tmp_path / "a.refused.csv").read_text("utf-8-sig").splitlines()
    reasons = [line.rpartition(",")[2] for line in lines]
    assert reasons[0] == "错误原因"
    for reason, words in zip(
        reasons[1:],
        [
            "校验位",
            "请填写姓名",
            "性别应为",
            "出生日期",
            "电话被 Excel",
            "无法识别",
            "身份证号被 Excel",
        ],
        strict=True,
    ):
        assert words in reason


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "档案号,姓名\nP1,张三\nP1,张三\nP2,\n")
    tried = run(path, "--dry-run", "--refused", str(tmp_path / "b.csv"))
    assert tried[0] == "试运行：数据库没有改变"
    assert tried[2:] == ["new 1, same 1, refused 1", "exit 1"]
    assert not Patient.objects.exists()
    assert run(path)[1:] == tried[2:]


def test_a_file_number_that_stands_twice_is_saved_in_the_order_of_the_rows(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "档案号,姓名\nP1,张三\nP1,张三丰\n")
    assert run(path)[-1] == "new 2, same 0, refused 0"
    assert Patient.objects.get().name == "张三丰"


def test_the_id_card_replaces_another_document(tmp_path: Path) -> None:
    patient("P1", document_type="passport", id_number="E12345678")
    path = csv_file(tmp_path, f"档案号,姓名,身份证号\nP1,张三丰,{resident_id()}\n")
    assert run(path)[-1] == "new 1, same 0, refused 0"
    assert Patient.objects.get().document_type == "resident_id"


def test_unknown_columns_are_named_and_a_missing_one_stops_everything(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "档案号,姓名,微信\nP1,张三,x\n")
    assert run(path) == ["忽略了不认识的列：微信", "new 1, same 0, refused 0"]
    with pytest.raises(CommandError, match="表头缺少“姓名”列"):
        run(csv_file(tmp_path, "档案号\nP2\n"))
    assert Patient.objects.count() == 1


def test_only_one_import_runs_at_a_time(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "档案号,姓名\nP1,张三\n")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [imports.ONE_IMPORT])
        with pytest.raises(CommandError, match="另一个导入正在进行"):
            run(path)
        with other.cursor() as cursor:
            # A closed connection lets go only a moment later.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [imports.ONE_IMPORT])
    finally:
        other.close()
    assert run(path) == ["new 1, same 0, refused 0"]
