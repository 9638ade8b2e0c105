from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from staff.models import Designation, User
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

LIST = reverse("designations")
NEW = reverse("designate")


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def pair(db: None) -> tuple[User, User]:
    return user("前台", name="孙丽"), user("前台", name="李静")


def form(pair: tuple[User, User], starts_on: object) -> dict[str, object]:
    return {"user": pair[0].pk, "substitute": pair[1].pk, "starts_on": str(starts_on)}


def test_without_a_designation_the_page_says_so(as_manager: Client) -> None:
    page = words(as_manager.get(LIST))
    assert "今天没有指定会员管理员" in page and "还没有指定过会员管理员" in page


def test_a_manager_designates_one_with_a_substitute(
    as_manager: Client, pair: tuple[User, User], today: date
) -> None:
    page = words(as_manager.post(NEW, form(pair, today), follow=True))
    assert f"已指定 孙丽 为会员管理员，自 {today} 起" in page
    assert "会员管理员 孙丽 替补 李静" in page and f"{today} 至今" in page


def test_the_next_one_ends_the_one_before(
    as_manager: Client, pair: tuple[User, User], today: date
) -> None:
    as_manager.post(NEW, form(pair, today))
    later = today + timedelta(days=30)
    page = words(as_manager.post(NEW, form(pair[::-1], later), follow=True))
    assert f"{today} {later - timedelta(days=1)}" in page and "尚未开始" in page
    assert "会员管理员 孙丽 替补 李静" in page


def test_only_the_front_desk_is_offered(as_manager: Client, pair: tuple[User, User]) -> None:
    user("收费", name="周敏")
    left = user("前台", name="已离职")
    User.objects.filter(pk=left.pk).update(is_active=False)
    page = words(as_manager.get(NEW))
    assert "孙丽" in page and "周敏" not in page and "已离职" not in page


def test_both_roles_need_two_people(
    as_manager: Client, pair: tuple[User, User], today: date
) -> None:
    response = as_manager.post(NEW, form((pair[0], pair[0]), today))
    assert response.status_code == 200 and "会员管理员与替补须为两个人" in words(response)


def test_two_at_a_time_are_refused(
    as_manager: Client, pair: tuple[User, User], today: date
) -> None:
    as_manager.post(NEW, form(pair, today))
    response = as_manager.post(NEW, form(pair, today))
    assert "开始日期须晚于上一次指定的开始日期" in words(response)
    assert Designation.objects.count() == 1


@pytest.mark.parametrize("starts_on", ["", "明天", "2026-13-40", "9" * 5000])
def test_a_day_that_is_none_is_refused(
    as_manager: Client, pair: tuple[User, User], starts_on: str
) -> None:
    response = as_manager.post(NEW, form(pair, starts_on))
    assert response.status_code == 200 and 'class="field-error"' in response.content.decode()
    assert not Designation.objects.exists()


def test_a_person_who_is_not_offered_is_refused(
    as_manager: Client, pair: tuple[User, User], today: date
) -> None:
    cashier = user("收费")
    as_manager.post(NEW, form((cashier, pair[1]), today))
    as_manager.post(NEW, {"user": "x\0", "substitute": "-1", "starts_on": today})
    assert not Designation.objects.exists()


def test_the_front_desk_sees_it_but_designates_nobody(pair: tuple[User, User]) -> None:
    client = browser_of(pair[0])
    response = client.get(LIST)
    assert response.status_code == 200 and NEW not in response.content.decode()
    assert client.get(NEW).status_code == 403
