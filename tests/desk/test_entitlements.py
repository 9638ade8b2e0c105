"""The 礼遇 panel of the member page: what is open, taken, lapsed, held, and what one can do."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from desk.queries.entitlements import entitlement_panel
from members.models import Membership
from members.operations.households import add_person
from points.models import Receipt
from rewards.queries import entitlements_of_member
from rewards.rules import Entitlement
from staff.rules import business_day
from tests.desk.words import words
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund
from tests.factories.rewards import claimed, priced, this_year, used
from tests.factories.scheme import published, rules
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

SCALING = "ultrasonic_scaling"


@pytest.fixture
def senior(scheme: object) -> Membership:
    priced(SCALING)
    return member(patient("S1"), "6000", name="林平之")


def panel(browser: Client, membership: Membership) -> str:
    """The words of the panel."""
    page = words(browser.get(reverse("patient", args=[membership.patient_id])))
    return page.split(" 礼遇 ")[-1].split("会员卡 ")[0]


def source(browser: Client, membership: Membership) -> str:
    page = browser.get(reverse("patient", args=[membership.patient_id]))
    return page.content.decode()


def test_what_is_open_stands_with_its_last_day_and_its_way(
    as_front_desk: Client, senior: Membership
) -> None:
    said = panel(as_front_desk, senior)
    year = business_day(timezone.now()).year
    assert f"{year} 年 超声波洁牙（带抛光脱敏） 高级会员 1 次 可用 到 {year}-12-31 使用" in said
    assert "一次性礼遇 美容科面部护理 高级会员 1 次 可用 长期有效 使用" in said
    assert "口腔保健礼品（50元） 高级会员 1 份 待发放 长期有效" in said
    use = reverse("use_service", args=[senior.patient_id])
    assert f"{use}?item={SCALING}&amp;period={year}&amp;ordinal=1" in source(as_front_desk, senior)


def test_what_was_used_says_when_by_whom_and_how_to_undo(
    as_front_desk: Client, senior: Membership
) -> None:
    friend = patient("F1", name="令狐冲")
    use = used(senior, this_year(SCALING), friend)
    said = panel(as_front_desk, senior)
    assert "已使用" in said and "转赠：令狐冲" in said and use.by.name in said
    assert reverse("undo_use", args=[use.pk]) in source(as_front_desk, senior)


def test_what_was_collected_says_by_whom(as_front_desk: Client, senior: Membership) -> None:
    claim = claimed(senior, this_year(SCALING))
    assert "已领取" in panel(as_front_desk, senior) and "电子登记" in panel(as_front_desk, senior)
    assert reverse("stop_claim", args=[claim.pk]) in source(as_front_desk, senior)


def test_where_services_come_on_cards_they_are_collected_first(
    as_front_desk: Client, db: None
) -> None:
    published(service_delivery='"card"')
    vip = member(patient("V1"), "12000")
    page = source(as_front_desk, vip)
    assert reverse("claim", args=[vip.patient_id]) + "?item=" in page
    assert reverse("use_service", args=[vip.patient_id]) not in page
    assert "VIP会员 2 次 可用" in panel(as_front_desk, vip)


def test_what_a_review_holds_says_why(as_front_desk: Client, senior: Membership) -> None:
    paid = Receipt.objects.filter(patient=senior.patient).order_by("pk").first()
    assert paid
    refund(paid.number, "6000")
    said = panel(as_front_desk, senior)
    assert "暂停 级别复核中，决定之前暂停" in said and "使用" not in said.split("暂停")[1]


def test_what_a_higher_level_replaced_is_said_so(senior: Membership) -> None:
    (block,) = entitlement_panel(
        senior.patient, [yearly(2026, "superseded")], rules(), year=2026
    ).blocks
    assert [(row.label, row.of, row.is_usable) for row in block.rows] == [
        ("已被代替", "高级会员", False)
    ]


def test_a_childs_item_names_the_child(as_front_desk: Client, scheme: object) -> None:
    diamond = member(patient("D1"), "20000")
    add_person(
        membership=diamond,
        patient=patient("D2", name="林小宝", birth_date="2022-05-01"),
        is_child=True,
        relation="儿子",
        document_seen="other",
        by=user(),
        now=timezone.now(),
    )
    assert "防龋保健项目（氟保护漆等、全口）（林小宝） 钻石VIP会员" in panel(as_front_desk, diamond)


def test_a_doctor_sees_it_and_changes_nothing(as_doctor: Client, senior: Membership) -> None:
    used(senior, this_year(SCALING))
    claimed(senior, ("facial_care", "once:senior", 1, None))
    said = panel(as_doctor, senior)
    assert "已使用" in said and "撤销" not in said and "领取登记" not in said


def test_somebody_who_is_no_member_has_no_panel(as_front_desk: Client, scheme: object) -> None:
    page = as_front_desk.get(reverse("patient", args=[patient("N1").pk]))
    assert 'id="entitlements"' not in page.content.decode()


def yearly(year: int, state: Any = "lapsed") -> Entitlement:
    return Entitlement(
        item=SCALING,
        kind="service",
        period=str(year),
        ordinal=1,
        tier="senior",
        state=state,
        expires_on=None,
    )


def test_earlier_years_are_folded_away_the_newest_first(senior: Membership) -> None:
    found = [yearly(year) for year in (2022, 2023, 2024, 2025)] + [yearly(2026, "open")]
    made = entitlement_panel(senior.patient, found, rules(), year=2026)
    assert [block.title for block in made.blocks] == ["2026 年", "2025 年"]
    assert [block.title for block in made.earlier] == ["2024 年", "2023 年", "2022 年"]


def test_those_alike_are_one_row_with_their_number(senior: Membership) -> None:
    found = [yearly(2026, "open"), yearly(2026, "open"), yearly(2026)]
    (block,) = entitlement_panel(senior.patient, found, rules(), year=2026).blocks
    assert [(row.label, row.count) for row in block.rows] == [("可用", 2), ("已过期", 1)]


def test_lapsed_years_are_said(as_front_desk: Client, scheme: object) -> None:
    old = patient("L1")
    joined = datetime(timezone.now().year - 2, 6, 1, tzinfo=UTC)
    receipt(old, "6000", at=joined)
    senior = member(old, "10")
    said = panel(as_front_desk, senior)
    assert "已过期" in said or str(joined.year) not in said


def test_the_panel_takes_few_statements(
    senior: Membership, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    used(senior, this_year(SCALING))
    claimed(senior, ("facial_care", "once:senior", 1, None))
    today = business_day(timezone.now())
    found = entitlements_of_member(senior.pk, today)
    with django_assert_max_num_queries(6):
        made = entitlement_panel(senior.patient, found, rules(), year=today.year)
        assert [str(row.use or row.claim or "") for block in made.blocks for row in block.rows]
