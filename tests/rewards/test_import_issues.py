"""`manage.py import_issues` and the page: what was handed over before the system is closed."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Membership
from rewards.models import Issue, Use
from rewards.queries import broken_rows, entitlements_of_member
from staff.models import Import
from tests.desk.conftest import browser_of
from tests.desk.importing import HEADERS, counts, page, run, save, upload
from tests.factories.members import patient
from tests.factories.merging import merged
from tests.factories.points import member, receipt
from tests.factories.spreadsheets import csv_file
from tests.factories.staff import user

HEADER = HEADERS["issues"]
TODAY = timezone.localdate()
YEAR = str(TODAY.year)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme", "uploads_here")]

Command = Callable[..., list[str]]


@pytest.fixture
def uploads_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", tmp_path)


@pytest.fixture
def vip(scheme: object) -> Membership:
    return member(patient("V1", name="林平"), "10000", name="林平")


@pytest.fixture
def imported(tmp_path: Path) -> Command:
    """The lines that the command writes for these rows."""

    def command(*rows: str) -> list[str]:
        path, out = csv_file(tmp_path, HEADER + "\n".join(rows) + "\n"), StringIO()
        try:
            call_command("import_issues", str(path), stdout=out, stderr=StringIO())
        except SystemExit as ended:
            return [*out.getvalue().splitlines(), f"exit {ended.code}"]
        return out.getvalue().splitlines()

    return command


def still_open(membership: Membership) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in entitlements_of_member(membership.pk, TODAY):
        if each.state == "open":
            found[each.item] = found.get(each.item, 0) + 1
    return found


def test_r38_a_gift_closes_the_one_that_the_level_brought(
    imported: Command, vip: Membership
) -> None:
    assert imported(f"V1,口腔保健礼品（100元）,{TODAY},LQ01") == ["new 1, same 0, refused 0"]
    issue = Issue.objects.get()
    assert (issue.period, issue.slip_number) == ("once:vip", "LQ01")
    assert issue.imported_in == Import.objects.get()
    assert "gift_100" not in still_open(vip)
    assert list(broken_rows()) == []


def test_a_service_closes_the_next_one_of_the_year_then_what_comes_once(
    imported: Command, vip: Membership
) -> None:
    rows = (
        f"V1,ultrasonic_scaling,{TODAY},1",
        f"V1,ultrasonic_scaling,{TODAY},2",
        f"V1,facial_care,{TODAY},3",
    )
    assert imported(*rows) == ["new 3, same 0, refused 0"]
    keys = sorted(Use.objects.values_list("period", "ordinal"))
    assert keys == [(YEAR, 1), (YEAR, 2), ("once:vip", 1)]
    use = Use.objects.first()
    assert use and use.doctor is None and use.list_price is None
    assert still_open(vip) == {"gift_100": 1, "herbal_therapy": 1}
    assert list(broken_rows()) == []


def test_what_was_handed_over_before_the_level_was_known_here_is_closed(
    imported: Command, vip: Membership
) -> None:
    rows = ("V1,gift_100,2013-05-20,LQ01", "V1,herbal_therapy,2024-05-20,LQ02")
    assert imported(*rows) == ["new 2, same 0, refused 0"]
    assert still_open(vip) == {"ultrasonic_scaling": 2, "facial_care": 1}
    assert imported("V1,gift_100,2013-05-21,LQ03")[-2:] == ["new 0, same 0, refused 1", "exit 1"]
    assert list(broken_rows()) == []


def test_the_same_file_again_changes_nothing(imported: Command, vip: Membership) -> None:
    rows = (f"V1,gift_100,{TODAY},LQ01", f"V1,ultrasonic_scaling,{TODAY},", "")
    assert imported(*rows) == ["new 2, same 0, refused 0"]
    assert imported(*rows) == ["new 0, same 2, refused 0"]
    assert (Issue.objects.count(), Use.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (f",gift_100,{TODAY},1", "请填写档案号"),
        (f"V1,,{TODAY},1", "请填写礼品或项目"),
        ("V1,gift_100,,1", "请填写领取日期"),
        ("V1,gift_100,2099-01-01,1", "领取日期不能晚于今天"),
        (f"V1,电饭煲,{TODAY},1", "没有“电饭煲”这种礼品或项目，请照会员规则页上的名称填写"),
        (f"X9,gift_100,{TODAY},1", "没有档案号为 X9 的病人"),
        (f"P9,gift_100,{TODAY},1", "还不是会员"),
        (f"V1,gift_200,{TODAY},1", "没有“口腔保健礼品（200元）”，请核对级别、项目和领取日期"),
        (f"V1,ultrasonic_scaling,{TODAY - timedelta(days=400)},1", "请核对级别、项目和领取日期"),
    ],
)
def test_every_reason_to_refuse_a_row(
    imported: Command, vip: Membership, tmp_path: Path, row: str, why: str
) -> None:
    receipt(patient("P9"), "10")
    assert imported(row)[-1] == "exit 1"
    assert why in (tmp_path / "a.refused.csv").read_text("utf-8-sig")
    assert not Issue.objects.exists()


def test_what_is_taken_already_is_not_taken_again(
    imported: Command, vip: Membership, tmp_path: Path
) -> None:
    said = imported(f"V1,gift_100,{TODAY},1", f"V1,gift_100,{TODAY},2")
    assert "new 1, same 0, refused 1" in said
    assert "可领的都已登记，请核对是否重复" in (tmp_path / "a.refused.csv").read_text("utf-8-sig")


def test_c40_a_merged_number_finds_the_member(imported: Command, vip: Membership) -> None:
    merged(vip.patient, patient("V2", name="林平"))
    assert imported(f"V2,gift_100,{TODAY},1") == ["new 1, same 0, refused 0"]
    assert Issue.objects.get().membership == vip
    assert imported(f"V1,gift_100,{TODAY},1") == ["new 0, same 1, refused 0"]


def test_rows_take_the_same_statements_however_many(imported: Command, vip: Membership) -> None:
    others = [member(patient(f"V{place}"), "10000") for place in range(3, 9)]

    def taken(*rows: str) -> int:
        with CaptureQueriesContext(connection) as statements:
            assert imported(*rows)[-1].endswith("refused 0")
        return len(statements)

    for_one = taken(f"V1,gift_100,{TODAY},1")
    numbers = [one.patient.file_number for one in others]
    assert taken(*(f"{number},gift_100,{TODAY},1" for number in numbers)) <= for_one + 1


def test_by_page_it_is_checked_first_and_then_saved(vip: Membership) -> None:
    browser: Client = browser_of(user("市场部"))
    batch = run(browser, upload(browser, "issues", f"V1,gift_100,{TODAY},1", "V1,x,2020-01-01,2"))
    assert batch.state == "checked" and not Issue.objects.exists()
    assert "没有“x”这种礼品或项目" in page(browser, batch)
    done = save(browser, batch)
    assert (done.state, counts(done)) == ("done", (1, 0, 0, 1))
    assert Issue.objects.get().imported_in == done
