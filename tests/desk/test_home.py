import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scheme.models import Scheme
from staff import roles as table
from staff.models import Designation, User
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories import members, points
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

OWN_WORK = {
    table.FRONT_DESK: ["查找病人", "新建档案", "会员规则"],
    table.CASHIER: ["收费", "今日收费", "查找病人"],
    table.DOCTOR: ["查找病人", "会员规则"],
    table.NURSE: ["查找病人", "会员规则"],
    table.WAREHOUSE: ["会员规则"],
    table.FINANCE: ["查找病人", "今日收费", "每日核查"],
    table.SUPERVISOR: ["待审批", "每日核查", "会员管理员"],
    table.GENERAL_MANAGER: ["待审批", "每日核查", "会员管理员"],
    table.SYSTEM_ADMIN: ["后台管理"],
}


def cards(client: Client) -> str:
    page = words(client.get("/"))
    return page[page.index("您好") :]


@pytest.mark.parametrize("role", [role for role in table.ROLES if role != table.HIS])
def test_each_role_finds_its_own_work(db: None, role: str) -> None:
    page = cards(browser_of(user(role)))
    assert role in page and "您还没有分配工作" not in page
    for title in OWN_WORK.get(role, ["会员规则"]):
        assert title in page


def test_nobody_is_offered_what_he_may_not_do(db: None) -> None:
    page = cards(browser_of(user(table.NURSE)))
    for title in ("今日收费", "新建档案", "待审批", "后台管理"):
        assert title not in page


def test_who_has_no_role_is_told_whom_to_ask(db: None) -> None:
    page = words(browser_of(user()).get("/"))
    assert "您还没有分配工作" in page and "请联系系统管理员" in page


def test_a_manager_sees_how_many_requests_wait(scheme: Scheme, as_manager: Client) -> None:
    assert "件待办" not in cards(as_manager)
    membership = points.member(members.patient())
    points.receipt(membership.patient, "9000", number="R-big")
    points.refund("R-big", "9000")
    assert "1 件待办" in cards(as_manager)


def test_the_header_says_who_is_logged_in_and_how_to_leave(db: None) -> None:
    page = words(browser_of(user("前台", "收费", name="周敏")).get("/"))
    assert "周敏 前台、收费" in page and "退出" in page


def test_the_designated_front_desk_user_is_called_member_admin(db: None, manager: User) -> None:
    colleague, substitute = user("前台"), user("前台")
    today = timezone.localdate()
    Designation.objects.create(
        user=colleague, substitute=substitute, starts_on=today, designated_by=manager
    )
    for named in (colleague, substitute):
        assert "前台、会员管理员" in words(browser_of(named).get("/"))
    assert "会员管理员 谁是" in words(browser_of(user("前台")).get("/"))


def test_only_who_may_see_patients_has_the_search_box(db: None) -> None:
    assert 'role="search"' in browser_of(user("前台")).get("/").content.decode()
    assert 'role="search"' not in browser_of(user("仓库")).get("/").content.decode()


def test_every_title_names_the_hospital(as_manager: Client) -> None:
    for name in ("home", "approvals", "designations", "designate", "scheme:in_force"):
        page = as_manager.get(reverse(name)).content.decode()
        assert "· 曲靖口腔医院会员系统</title>" in page
        assert '<p class="print-title">曲靖口腔医院</p>' in page


def test_pages_load_nothing_from_elsewhere(as_manager: Client) -> None:
    policy = as_manager.get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy


def test_the_navigation_marks_the_work_that_a_page_belongs_to(
    scheme: Scheme, as_cashier: Client
) -> None:
    someone = members.patient()
    for path, title, current in (
        ("/", "首页", "page"),
        ("/till/", "收费", "page"),
        (f"/patients/{someone.pk}/pay/", "收费", "true"),
        (f"/patients/{someone.pk}/", "查找病人", "true"),
        ("/password/", "", ""),
    ):
        marked = re.findall(
            r'aria-current="(\w+)">(.+?)</a>', as_cashier.get(path).content.decode()
        )
        assert marked == ([(current, title)] if title else []), path
