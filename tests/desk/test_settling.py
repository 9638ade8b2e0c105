"""A service that was used is taken back or settled by the cashier."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Membership, Patient
from rewards.models import Settlement
from tests.desk import serving
from tests.desk.conftest import browser_of
from tests.desk.serving import SCALING
from tests.desk.words import words
from tests.factories.rewards import this_year, used
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

vip, friend = serving.vip, serving.friend


class TestUndo:
    def test_a_use_is_taken_back_with_a_reason(
        self, as_front_desk: Client, vip: Membership, friend: Patient
    ) -> None:
        use = used(vip, this_year(SCALING), friend)
        where = reverse("undo_use", args=[use.pk])
        assert "请填写原因" in words(as_front_desk.post(where, {}))
        page = words(as_front_desk.post(where, {"reason": "点错了人"}, follow=True))
        assert "已撤销超声波洁牙（带抛光脱敏）的使用" in page and "点错了人" in page
        theirs = words(as_front_desk.get(reverse("patient", args=[friend.pk])))
        assert "按VIP接待" not in theirs and "已撤销" in theirs
        assert "这次使用已经撤销" in words(as_front_desk.get(where))
        assert "这次使用已经撤销" in words(as_front_desk.post(where, {"reason": "再来"}))

    def test_a_settled_one_is_marked_on_its_slip(self, as_cashier: Client, vip: Membership) -> None:
        use = used(vip, this_year(SCALING))
        as_cashier.post(reverse("settle", args=[vip.patient_id]), {"uses": [use.pk]})
        where = reverse("undo_use", args=[use.pk])
        assert "已经结算。" in words(as_cashier.get(where))
        as_cashier.post(where, {"reason": "没有做"})
        slip = words(as_cashier.get(reverse("settlement", args=[Settlement.objects.get().pk])))
        assert "已撤销：没有做" in slip and "合计 0.00 0.00" in slip


class TestSettling:
    def test_todays_stand_first_and_the_first_has_the_key(
        self, as_cashier: Client, vip: Membership, friend: Patient
    ) -> None:
        used(vip, this_year(SCALING), friend)
        used(vip, this_year(SCALING, 2))
        page = as_cashier.get(reverse("to_settle"))
        assert words(page).count("今天") >= 2 and "岳灵珊 的转赠" in words(page)
        assert page.content.decode().count('data-key="F2"') == 1

    def test_the_slip_has_price_waiver_bearer_and_no_points(
        self, as_cashier: Client, vip: Membership, friend: Patient
    ) -> None:
        use = used(vip, this_year(SCALING), friend)
        where = reverse("settle", args=[friend.pk])
        assert "应付 0.00 元，不计积分" in words(as_cashier.get(where))
        slip = words(as_cashier.post(where, {"uses": [use.pk]}, follow=True))
        made = Settlement.objects.get()
        assert f"单号 {made.number}" in slip and "新诊，免挂号费" in slip
        assert "300.00 300.00 市场活动" in slip and "本单不计积分" in slip
        assert "令狐冲" in slip and "岳灵珊" in slip
        assert "没有待结算的服务" in words(as_cashier.get(where))

    def test_what_is_unticked_waits_on(self, as_cashier: Client, vip: Membership) -> None:
        one, other = used(vip, this_year(SCALING)), used(vip, this_year(SCALING, 2))
        where = reverse("settle", args=[vip.patient_id])
        assert "请至少选择一项服务结算" in words(as_cashier.post(where, {}))
        as_cashier.post(where, {"uses": [one.pk]})
        other.refresh_from_db()
        assert other.settlement is None

    def test_the_total_is_of_what_is_ticked(self, as_cashier: Client, vip: Membership) -> None:
        used(vip, this_year(SCALING)), used(vip, this_year(SCALING, 2))
        response = as_cashier.get(reverse("settle", args=[vip.patient_id]))
        assert response.content.decode().count('data-price="300.00"') == 2
        assert "价格合计 600.00 元" in words(response)

    def test_settling_twice_says_so(self, as_cashier: Client, vip: Membership) -> None:
        use = used(vip, this_year(SCALING))
        where = reverse("settle", args=[vip.patient_id])
        as_cashier.post(where, {"uses": [use.pk]})
        again = words(as_cashier.post(where, {"uses": [use.pk]}))
        assert "没有待结算的服务" in again and Settlement.objects.count() == 1

    def test_whoever_only_looks_finds_no_button(self, vip: Membership) -> None:
        used(vip, this_year(SCALING))
        finance = browser_of(user("财务"))
        page = finance.get(reverse("to_settle"))
        assert page.status_code == 200 and "data-key" not in words(page)
        assert reverse("settle", args=[vip.patient_id]) not in page.content.decode()


def test_the_lists_take_as_many_statements_for_many_as_for_one(
    as_cashier: Client, vip: Membership, friend: Patient, django_assert_max_num_queries: object
) -> None:
    used(vip, this_year(SCALING), friend)
    used(vip, this_year(SCALING, 2))
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        as_cashier.get(reverse("to_settle"))


def test_no_statement_of_the_member_page_joins_so_many_tables_that_planning_it_takes_longest(
    as_cashier: Client, vip: Membership, friend: Patient
) -> None:
    used(vip, this_year(SCALING), friend)
    with CaptureQueriesContext(connection) as statements:
        as_cashier.get(reverse("patient", args=[vip.patient_id]))
    assert max(each["sql"].count(" JOIN ") for each in statements) <= 10
