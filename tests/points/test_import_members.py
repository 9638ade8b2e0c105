"""`manage.py import_members`: members from before the system, from the file to their levels."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from members.models import Membership
from members.operations import old_members
from members.operations.patients import SavedPatient, save_patients
from members.queries import broken_rows
from members.rules import membership_number
from points.models import TierReached
from staff.exceptions import Refusal
from staff.models import Import, User
from tests.factories.members import patient, resident_id
from tests.factories.merging import linked
from tests.factories.points import member, receipt
from tests.factories.spreadsheets import csv_file, xlsx_file

HEADER = "档案号,会员号,入会日期,证件类型,证件号,电话,家庭住址,是否愿意接受回访,签字日期"
WHOLE = (
    *HEADER.split(",")[:7],
    "是否愿意接受回访",
    "是否愿意接受精美杂志的邮寄投递",
    "是否愿意接受会员回馈活动的邀请",
    "签字日期",
    "监护人姓名",
    "与会员的关系",
    "监护人电话",
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]


def run(path: Path) -> list[str]:
    """The lines that the command wrote; the last one is `exit 1` if it ended so."""
    out = StringIO()
    try:
        call_command("import_members", str(path), stdout=out, stderr=StringIO())
    except SystemExit as ended:
        return [*out.getvalue().splitlines(), f"exit {ended.code}"]
    return out.getvalue().splitlines()


def reasons(path: Path) -> list[str]:
    """Why rows were refused, one a row."""
    assert run(path)[-1] == "exit 1"
    text = Path(f"{path.with_suffix('')}.refused.csv").read_text(encoding="utf-8-sig")
    return [line.rpartition(",")[2] for line in text.splitlines()[1:]]


def file(tmp_path: Path, *lines: str) -> Path:
    return csv_file(tmp_path, "\n".join((HEADER, *lines)) + "\n")


def test_every_column_arrives_and_the_same_file_changes_nothing(tmp_path: Path) -> None:
    someone = patient("00001")
    row = [
        "00001",
        "旧-7",
        "2016年5月20日",
        "护照",
        "e12345678",
        13900001111,
        "麒麟区南宁西路1号",
        "是",
        "否",
        "是",
        "2016/5/21",
        "张母",
        "母亲",
        "0874-1234567",
    ]
    path = xlsx_file(tmp_path, WHOLE, row)
    assert run(path) == ["new 1, same 0, refused 0"]
    made = Membership.objects.get(patient=someone)
    assert (made.number, f"{made.joined_on}") == ("旧-7", "2016-05-20")
    assert f"{made.signed_on}" == "2016-05-21"
    assert (made.accepts_follow_up, made.accepts_post, made.accepts_activities) == (
        True,
        False,
        True,
    )
    assert (made.guardian_name, made.guardian_phone) == ("张母", "08741234567")
    assert made.imported_in == Import.objects.get(kind=Import.Kind.MEMBERS)
    details = made.patient.details()
    assert (details.document_type, details.document_number) == ("passport", "E12345678")
    assert (details.phone, details.address) == ("13900001111", "麒麟区南宁西路1号")
    assert run(path) == ["new 0, same 1, refused 0"]
    assert list(broken_rows()) == []


def test_what_is_left_empty_is_no_the_day_of_joining_and_a_resident_id(tmp_path: Path) -> None:
    patient("A")
    run(file(tmp_path, f"A,M1,2016-05-20,,{resident_id()},,,,"))
    made = Membership.objects.get(number="M1")
    assert not (made.accepts_follow_up or made.accepts_post or made.accepts_activities)
    assert made.signed_on == made.joined_on
    assert made.patient.document_type == "resident_id" and made.patient.sex


def test_phone_address_and_answers_may_change_and_empty_cells_leave_them(tmp_path: Path) -> None:
    someone, number = patient("A"), resident_id()
    run(file(tmp_path, f"A,M1,2016-05-20,,{number},13900001111,旧址,是,"))
    told = run(file(tmp_path, f"A,M1,2016-05-20,,{number},,新址,,"))
    assert told == ["new 中有 1 行是对已有档案的更新", "new 1, same 0, refused 0"]
    someone.refresh_from_db()
    assert (someone.phone, someone.address) == ("13900001111", "新址")
    assert Membership.objects.get().accepts_follow_up
    run(file(tmp_path, f"A,M1,2016-05-20,,{number},,,否,"))
    assert not Membership.objects.get().accepts_follow_up


def test_nothing_is_asked_of_their_points_and_the_level_follows_from_them(tmp_path: Path) -> None:
    patient("A")
    receipt(patient("B"), "6000")
    run(
        file(
            tmp_path,
            f"A,M1,2016-05-20,,{resident_id()},,,,",
            f"B,M2,2016-05-20,,{resident_id()},,,,",
        )
    )
    assert list(TierReached.objects.values_list("membership__number", "tier")) == [("M2", "senior")]


def test_a_row_whose_file_cannot_be_saved_is_refused_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in "ABC":
        patient(number)
    lines = [f"{number},M{number},2016-05-20,,{resident_id()},,,," for number in "ABC"]
    monkeypatch.setattr(old_members, "save_patients", _all_but_b)
    assert reasons(file(tmp_path, *lines)) == ["档案 B 不能改"]
    assert set(Membership.objects.values_list("number", flat=True)) == {"MA", "MC"}


def _all_but_b(
    *, rows: Sequence[tuple[str, Mapping[str, object]]], by: User, now: datetime
) -> list[SavedPatient | Refusal]:
    saved = save_patients(rows=rows, by=by, now=now)
    refused = Refusal("not_b", 409, "档案 B 不能改")
    return [refused if row[0] == "B" else one for row, one in zip(rows, saved, strict=True)]


def test_refused_rows_say_why_and_how(tmp_path: Path) -> None:
    taken = resident_id()
    known = member(patient("K"), id_number=taken)
    for number in "ABCDEFGHIJ":
        patient(number)
    patient("M", id_number=resident_id(), phone="13900001111")
    tomorrow = timezone.localdate() + timedelta(days=1)
    child = resident_id(born=f"{timezone.localdate().year - 9}0101")
    found = reasons(
        file(
            tmp_path,
            f"Z,M0,2016-05-20,,{resident_id()},,,,",
            f"A,{known.number},2016-05-20,,{resident_id()},,,,",
            f"B,M2,2016-05-20,,{taken},,,,",
            f"C,M3,{tomorrow},,{resident_id()},,,,",
            f"D,M4,2013-09-30,,{resident_id()},,,,",
            f"E,M5,2016-05-20,驾驶证,{resident_id()},,,,",
            f"F,M6,2016-05-20,,{resident_id()},,,大概,",
            f"G,M7,2016-05-20,,{child},,,,",
            "H,M8,2016-05-20,,5.30302E+17,,,,",
            "I,M9,2016-05-20,,,,,,",
            f"M,M10,2016-05-20,,{resident_id()},,,,",
            f",M11,2016-05-20,,{resident_id()},,,,",
            f"J,,2016-05-20,,{resident_id()},,,,",
        )
    )
    assert found[0] == "没有档案号为 Z 的病人，请先导入病人档案"
    assert found[1] == f"会员号 {known.number} 已是档案 K 的会员号，请核对"
    assert found[2].startswith("该证件已是档案 K 的会员的证件，一人只能有一个会员")
    assert found[3] == "入会日期不能晚于今天"
    assert found[4] == "入会日期不能早于会员方案开始的日期 2013-10-01"
    assert found[5].startswith("证件类型应为：居民身份证、护照")
    assert found[6] == "“是否愿意接受回访”应填“是”或“否”，空着表示“否”"
    assert found[7].startswith("未满 18 岁须填写监护人姓名")
    assert found[8].startswith("证件号被 Excel 当成了数字")
    assert found[9] == "请填写身份证号"
    assert found[10] == "档案 M 登记的居民身份证与表中的证件不同，请先核对证件"
    assert found[11:] == ["请填写档案号", "请填写会员号"]
    assert Membership.objects.get() == known


def test_another_number_or_day_of_a_member_is_refused_saying_both(tmp_path: Path) -> None:
    patient("A")
    number = resident_id()
    run(file(tmp_path, f"A,M1,2016-05-20,,{number},,,,"))
    (one, other, signed) = reasons(
        file(
            tmp_path,
            f"A,M2,2016-05-20,,{number},,,,",
            f"A,M1,2016-05-21,,{number},,,,",
            f"A,M1,2016-05-20,,{number},,,,2016-05-22",
        )
    )
    assert "会员号 M1，2016-05-20 入会；表中是会员号 M2，2016-05-20 入会" in one
    assert "表中是会员号 M1，2016-05-21 入会" in other
    assert signed == "该会员的签字日期是 2016-05-20，表中是 2016-05-22，请核对"


def test_a_number_or_document_twice_in_one_file_is_one_persons(tmp_path: Path) -> None:
    patient("A"), patient("B"), patient("C")
    number = resident_id()
    found = reasons(
        file(
            tmp_path,
            f"A,M1,2016-05-20,,{number},,,,",
            f"B,M1,2016-05-20,,{resident_id()},,,,",
            f"C,M2,2016-05-20,,{number},,,,",
        )
    )
    assert found[0] == "会员号 M1 已是档案 A 的会员号，请核对"
    assert found[1].startswith("该证件已是档案 A 的会员的证件")


def test_the_number_of_a_merged_file_makes_the_file_that_is_left_a_member(tmp_path: Path) -> None:
    kept = patient("A")
    linked(kept, patient("B"))
    run(file(tmp_path, f"B,M1,2016-05-20,,{resident_id()},,,,"))
    assert Membership.objects.get().patient == kept


def test_our_own_numbers_skip_those_that_came_in(tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('members_membership_number')")
        (last,) = cursor.fetchone()
    patient("A")
    run(file(tmp_path, f"A,{membership_number(last + 1)},2016-05-20,,{resident_id()},,,,"))
    assert member(patient("B")).number == membership_number(last + 2)
