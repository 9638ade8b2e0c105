from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Patient
from points.models import Receipt
from points.operations.corrections import correct_receipt, void_refund
from points.rules import correction_from
from staff import roles as table
from staff.models import ApiToken, Import, User
from staff.operations.people import create_api_token
from tests.desk.conftest import browser_of
from tests.desk.words import squeezed, words
from tests.factories.members import patient
from tests.factories.points import receipt, refund
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

PAGE = reverse("oversight")


@pytest.fixture
def someone(scheme: object) -> Patient:
    return patient("T1", name="周芷若")


@pytest.fixture
def other(scheme: object) -> Patient:
    return patient("T2", name="赵敏")


def correct(number: str, by: User, **given: object) -> None:
    now = timezone.now()
    asked = {"reason": "录错了", **given}
    correct_receipt(new=correction_from(asked, receipt_number=number, now=now), by=by, now=now)


def test_a_quiet_day_says_so_in_words(as_manager: Client) -> None:
    page = words(as_manager.get(PAGE))
    assert "这一天的退费都不是收这笔费的人录入的" in page
    assert "这一天没有更正过收据和退费" in page
    assert "这一天录入的收据都是当天收的费" in page
    assert "这一天没有导入过文件" in page
    assert "主管签字" in page


def test_who_refunds_what_he_took_is_listed_and_others_are_not(
    as_manager: Client, cashier: User, someone: Patient
) -> None:
    receipt(someone, "500", number="S1", by=cashier)
    refund("S1", "120.50", number="B1", by=cashier)
    refund("S1", "30", number="B2", by=user("收费"))
    page = squeezed(as_manager.get(PAGE))
    assert "自己退自己收的费1笔120.50元" in page
    assert f"B1S1周芷若T1120.50-121{cashier.name}治疗未做" in page and "B2" not in page


def test_whoever_took_it_first_counts_also_after_a_correction(
    as_manager: Client, cashier: User, someone: Patient
) -> None:
    receipt(someone, "500", number="S1", by=cashier)
    refund("S1", "100", number="B1", by=user("收费"))
    correct("S1", by=cashier, amount="450")
    assert "自己退自己收的费0笔" in squeezed(as_manager.get(PAGE))
    refund("S1", "50", number="B2", by=cashier)
    page = squeezed(as_manager.get(PAGE))
    assert "自己退自己收的费1笔50.00元" in page and "B1" not in page


def test_refunds_that_a_program_sent_are_only_counted(as_manager: Client, someone: Patient) -> None:
    create_api_token(name="HIS", role=table.HIS, now=timezone.now())
    program = ApiToken.objects.get().user
    receipt(someone, "500", number="S1", by=program)
    refund("S1", "100", number="B1", by=program)
    page = squeezed(as_manager.get(PAGE))
    assert "自己退自己收的费0笔" in page and "另有1笔由接口送来" in page


def test_corrections_are_listed_with_another_patient_first(
    as_manager: Client, cashier: User, someone: Patient, other: Patient
) -> None:
    for number in ("S1", "S2", "S3", "S4", "S5"):
        receipt(someone, "500", number=number)
    refund("S1", "100", number="B1")
    now = timezone.now()
    void_refund(refund_number="B1", reason="退错了", by=cashier, now=now)
    correct("S2", by=cashier, void=True, reason="没有付款")
    correct("S3", by=cashier, amount="450", paid_at="2026-03-02T09:30:00+08:00")
    correct("S4", by=cashier, file_number="T2")
    correct("S5", by=cashier, void=True)
    correct("S5", by=cashier, reason="其实付了", reenter=True)
    page = squeezed(as_manager.get(PAGE))
    assert "更正6笔1笔换了病人" in page
    lines = [
        f"换病人S4周芷若T1→赵敏T2500.00-500→500系统→{cashier.name}录错了",
        f"更正S3周芷若T1500.00→450.00{timezone.localdate()}→2026-03-02-500→450",
        f"重录S5周芷若T1500.000→500系统→{cashier.name}其实付了",
        f"只冲正S2周芷若T1500.00-500系统→{cashier.name}没有付款",
        f"只冲正S5周芷若T1500.00-500系统→{cashier.name}录错了",
        f"冲正退费B1周芷若T1100.00100系统→{cashier.name}退错了",
    ]
    places = [page.index(line) for line in lines]
    assert places == sorted(places)


def test_late_entries_are_listed_without_imports_and_corrections(
    as_manager: Client, cashier: User, someone: Patient
) -> None:
    now = timezone.now()
    receipt(someone, "80", number="S1", at=now - timedelta(days=3), by=cashier)
    receipt(someone, "70", number="S2", by=cashier)
    correct("S2", by=cashier, paid_at="2026-03-02T09:30:00+08:00")
    page = squeezed(as_manager.get(PAGE))
    day = timezone.localdate() - timedelta(days=3)
    assert "补录1笔80.00元" in page
    assert f"{day}S1周芷若T180.0080{cashier.name}" in page


@pytest.fixture
def imported(manager: User) -> Iterator[Import]:
    now = timezone.now()
    batch = Import.objects.create(
        kind=Import.Kind.PAYMENTS,
        state=Import.State.DONE,
        file_name="十月.xlsx",
        digest="0" * 64,
        by=manager,
        saved_by=manager,
        created_at=now,
        finished_at=now,
        row_count=2,
        new=2,
        total="130.50",
    )
    yield batch


def test_imports_of_the_day_are_listed(as_manager: Client, manager: User, imported: Import) -> None:
    page = squeezed(as_manager.get(PAGE))
    assert f"收费十月.xlsx{manager.name}22130.50元已完成" in page
    assert reverse("import", args=[imported.pk]) in as_manager.get(PAGE).content.decode()


def test_another_day_can_be_looked_at(as_manager: Client, cashier: User, someone: Patient) -> None:
    receipt(someone, "500", number="S1", by=cashier)
    refund("S1", "100", number="B1", by=cashier)
    assert "自己退自己收的费 0笔" in words(as_manager.get(PAGE, {"day": "2020-02-03"}))
    assert "日期应写作" in words(as_manager.get(PAGE, {"day": "x"}))
    assert "2020年2月3日 每日核查" in words(as_manager.get(PAGE, {"day": "2020年2月3日"}))


def test_the_page_takes_few_queries(
    as_manager: Client,
    cashier: User,
    someone: Patient,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(10):
        receipt(someone, "50", number=f"S{number}", by=cashier)
        refund(f"S{number}", "10", by=cashier)
        correct(f"S{number}", by=cashier, amount="45")
    assert Receipt.objects.count() == 20
    with django_assert_max_num_queries(15):
        assert as_manager.get(PAGE).status_code == 200


def test_managers_and_finance_look_and_nobody_else(db: None) -> None:
    for role in table.ROLES:
        seen = role in (table.FINANCE, table.SUPERVISOR, table.GENERAL_MANAGER)
        assert browser_of(user(role)).get(PAGE).status_code == (200 if seen else 403)
