"""A list leaves the system with a purpose on record, phones masked, and nothing calculated."""

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from desk.exports import EXPORTS, RECEIPTS
from desk.queries.exports import member_rows
from members.operations.access import record_access
from staff.models import Export
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.members import patient, resident_id
from tests.factories.merging import merged
from tests.factories.points import corrected, member, receipt, refund
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

PHONE = "13987450123"
NUMBER = resident_id("19850312", serial=17)


def opened(answer: Any) -> tuple[list[list[Any]], str]:
    """The rows of the list with its headings, and what stands on the sheet beside it."""
    book = openpyxl.load_workbook(BytesIO(answer.getvalue()))
    listed, note = book.worksheets
    said = "\n".join(str(row[0]) for row in note.iter_rows(values_only=True))
    return [list(row) for row in listed.iter_rows(values_only=True)], said


def today() -> str:
    return timezone.localdate().isoformat()


@pytest.fixture
def as_marketing() -> Client:
    return browser_of(user("市场部", name="钱市场"))


def test_the_register_of_members_holds_no_number_in_full(as_marketing: Client) -> None:
    someone = patient("WJ-1", name="欧阳修文", phone=PHONE, id_number=NUMBER, address="翠峰街道3号")
    member(someone, "1200", name="欧阳修文", id_number=NUMBER, phone=PHONE)
    answer = as_marketing.post(reverse("export_members"), {"reason": "寄会员杂志"})
    (headings, row), note = opened(answer)
    assert headings[0] == "会员号" and row[1:5] == ["WJ-1", "欧阳修文", "男", "•••••••0123"]
    assert row[6:9] == ["普通会员", 1200, 0]
    told = str([headings, row])
    assert PHONE not in told and NUMBER not in told and "翠峰" not in told
    assert "钱市场" in note and "用途：寄会员杂志" in note
    left = Export.objects.get()
    assert (left.what, left.title, left.row_count) == ("members", "会员名册", 1)
    assert (left.by.name, left.reason, left.filters) == ("钱市场", "寄会员杂志", "")


def test_the_register_takes_three_statements_for_any_number_of_members(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    def register() -> int:
        return len(list(member_rows(timezone.localdate())))

    member(patient(), "1200")
    register()
    for _ in range(3):
        member(patient(), "1200")
    with django_assert_num_queries(3):
        assert register() == 4


def test_c40_a_person_with_merged_files_is_one_line() -> None:
    kept, absorbed = (member(patient(number), "1200").patient for number in ("WJ-4", "WJ-5"))
    merged(kept, absorbed)
    (row,) = member_rows(timezone.localdate())
    assert (row[1], row[7]) == ("WJ-4", 2400)


def test_who_can_join_leaves_with_masked_phones(as_marketing: Client) -> None:
    someone = patient("WJ-3", phone=PHONE)
    receipt(someone, "1200")
    (headings, row), _ = opened(as_marketing.post(reverse("export_joining"), {"reason": "回访"}))
    assert row[:5] == ["待征询", "WJ-3", someone.name, None, "•••••••0123"]
    assert (row[5], row[7], len(headings)) == (today(), 1200, len(row))


def test_the_receipts_of_a_day_add_up(as_manager: Client) -> None:
    someone = patient("0007", name="=1+1")
    receipt(someone, "350.50", number="001")
    receipt(someone, "80", number="002")
    refund("001", "0.50", number="T1")
    corrected("002", void=True)
    given = {"day": today(), "reason": "月底对账"}
    (headings, *rows), _ = opened(as_manager.post(reverse("export_receipts"), given))
    assert [row[:4] for row in rows] == [
        ["收费", "001", "0007", "=1+1"],
        ["收费", "002", "0007", "=1+1"],
        ["退费", "T1", "0007", "=1+1"],
    ]
    assert [(float(row[5]), row[8]) for row in rows] == [
        (350.5, None),
        (80, "已冲正"),
        (-0.5, None),
    ]
    assert len(headings) == len(RECEIPTS.headings) and Export.objects.get().filters == today()


def test_text_is_never_calculated(as_manager: Client) -> None:
    receipt(patient(name="=1+1"), "1", number="53030219850312001")
    given = {"day": today(), "reason": "对账"}
    answer = as_manager.post(reverse("export_receipts"), given)
    book = openpyxl.load_workbook(BytesIO(answer.getvalue()))
    cells = {cell.value: cell for cell in book.worksheets[0][2]}
    assert cells["=1+1"].data_type == "s" and cells["=1+1"].quotePrefix
    assert cells["53030219850312001"].data_type == "s"


def test_the_daily_list_and_the_looks_leave_likewise(as_manager: Client) -> None:
    by, someone = user("收费"), patient("WJ-2")
    receipt(someone, "90", number="R1", by=by)
    refund("R1", "1", number="T1", by=by)
    corrected("R1", reason="金额错", void=True)
    record_access(patient=someone, what=["phone"], reason="回访", by=by, now=timezone.now())
    given = {"day": today(), "reason": "核查"}
    (_, *rows), _ = opened(as_manager.post(reverse("export_oversight"), given))
    assert [row[0] for row in rows] == ["自己退自己收的费", "只冲正"]
    given = {"since": "2020-01-01", "until": today(), "reason": "核查"}
    (_, row), _ = opened(as_manager.post(reverse("export_accesses"), given))
    assert row[1:] == [by.name, "WJ-2", someone.name, "电话", "回访"]
    assert Export.objects.get(what="accesses").filters == f"2020-01-01 至 {today()}"


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2026-01-02", "2026-01-01", "结束日期不能早于开始日期"),
        ("", "2026-01-01", "请填写开始日期"),
        ("2026-01-02", "9999-12-31", "结束日期的年份不对"),
    ],
)
def test_days_that_make_no_list_are_said(
    as_manager: Client, since: str, until: str, said: str
) -> None:
    given = {"since": since, "until": until, "reason": "核查"}
    assert said in words(as_manager.post(reverse("export_accesses"), given))
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"day": "2026-01-02", "reason": ""}, "请填写用途"),
        ({"day": "2026-01-02", "reason": "x" * 201}, "用途最多 200 个字"),
        ({"day": "2026-02-30", "reason": "对账"}, "不存在"),
        ({"day": "0001-01-01", "reason": "对账"}, "日期的年份不对"),
    ],
)
def test_nothing_leaves_without_a_purpose(
    as_manager: Client, given: dict[str, str], said: str
) -> None:
    assert said in words(as_manager.post(reverse("export_receipts"), given))
    assert Export.objects.count() == 0


def test_the_page_offers_what_a_role_may_take_and_managers_see_who_took_what(
    as_manager: Client, as_marketing: Client
) -> None:
    as_marketing.post(reverse("export_members"), {"reason": "寄会员杂志"})
    page = words(as_marketing.get(reverse("exports")))
    assert "会员名册" in page and "查看记录" not in page.split("钱市场")[-1].split("导出")[-1]
    assert "导出记录" not in page
    page = words(as_manager.get(reverse("exports")))
    assert all(each.title in page for each in EXPORTS)
    assert "导出记录" in page and "寄会员杂志" in page and "钱市场" in page


@pytest.mark.parametrize(
    ("role", "name"), [("财务", "export_members"), ("前台", "export_receipts"), ("收费", "exports")]
)
def test_an_export_needs_a_right_of_its_own_and_that_of_the_list(role: str, name: str) -> None:
    assert browser_of(user(role)).get(reverse(name)).status_code == 403


def test_the_form_begins_with_the_day_that_was_looked_at(as_manager: Client) -> None:
    page = as_manager.get(reverse("export_receipts"), {"day": "2026-01-02"})
    assert page.context["form"]["day"].value() == "2026-01-02"
    assert as_manager.get(reverse("export_receipts")).context["form"]["day"].value() == str(
        date.fromisoformat(today())
    )
