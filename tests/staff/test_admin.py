from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from staff import roles as table
from staff.models import ApiToken, User
from staff.operations.people import create_api_token
from staff.queries import user_of_token
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

USERS = reverse("admin:staff_user_changelist")
NEW_USER = reverse("admin:staff_user_add")
TOKENS = reverse("admin:staff_apitoken_changelist")
PASSWORD = "ou-ma-lan-hua-3"


@pytest.fixture
def administrator(db: None) -> User:
    return user(table.SYSTEM_ADMIN, name="吴强")


@pytest.fixture
def back_office(administrator: User) -> Client:
    return browser_of(administrator)


def new_user(**given: object) -> dict[str, Any]:
    cashier = Group.objects.get(name=table.CASHIER).pk
    return {
        "username": "zhoumin",
        "name": "周敏",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "groups": [cashier],
        **given,
    }


def test_it_is_chinese_and_names_the_hospital(back_office: Client) -> None:
    response = back_office.get(reverse("admin:index"))
    assert "曲靖口腔医院会员系统</title>" in response.content.decode()
    page = words(response)
    assert "曲靖口腔医院 后台管理" in page and "吴强" in page
    for title in ("用户", "科室", "医生", "接口令牌"):
        assert title in page
    assert "Welcome" not in page and "组" not in page


def test_its_log_in_page_is_ours(client: Client) -> None:
    assert client.get("/admin/").headers["Location"] == "/login/?next=/admin/"
    assert client.get("/admin/login/").headers["Location"] == "/login/?next=/admin/"


@pytest.mark.parametrize("role", [table.GENERAL_MANAGER, table.CASHIER, table.HIS])
def test_nobody_else_comes_in(db: None, role: str) -> None:
    assert browser_of(user(role)).get("/admin/").status_code == 403


def test_a_new_colleague_can_log_in_with_his_role(back_office: Client) -> None:
    back_office.post(NEW_USER, new_user())
    made = User.objects.get(username="zhoumin")
    assert made.has_perm("points.add_receipt") and not made.has_perm("staff.use_admin")
    given = {"username": "zhoumin", "password": PASSWORD}
    assert Client().post("/login/", given).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "至少 12 个字符"),
        ("password1234", "常见"),
        ("zhoumin-at-the-till-1", "太相似"),
    ],
)
def test_a_weak_password_is_refused_in_chinese(
    back_office: Client, password: str, sentence: str
) -> None:
    given = new_user(username="zhoumin-at-the-till", password1=password, password2=password)
    response = back_office.post(NEW_USER, given)
    assert response.status_code == 200 and sentence in words(response)
    assert not User.objects.filter(username="zhoumin-at-the-till").exists()


def test_a_login_name_in_use_is_refused(back_office: Client, administrator: User) -> None:
    response = back_office.post(NEW_USER, new_user(username=administrator.username))
    assert "已有同名的登录名" in words(response)


@pytest.mark.parametrize("role", [table.MEMBER_ADMIN, table.HIS])
def test_roles_that_are_not_given_by_hand_are_refused(back_office: Client, role: str) -> None:
    assert f"> {role}<" not in back_office.get(NEW_USER).content.decode()
    response = back_office.post(NEW_USER, new_user(groups=[Group.objects.get(name=role).pk]))
    assert response.status_code == 200 and not User.objects.filter(username="zhoumin").exists()


def test_a_colleague_who_leaves_is_out_at_the_next_request(back_office: Client) -> None:
    leaver = user("前台", name="孙丽")
    browser = browser_of(leaver)
    change = reverse("admin:staff_user_change", args=[leaver.pk])
    back_office.post(change, {"username": leaver.username, "name": "孙丽", "groups": []})
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert browser.get("/").headers["Location"].startswith("/login/")


def test_users_of_programs_are_not_in_the_list(back_office: Client) -> None:
    User.objects.system()
    create_api_token(name="另一个系统", role=table.HIS, now=timezone.now())
    page = words(back_office.get(USERS))
    assert "吴强" in page and "另一个系统" not in page and "1 用户" in page


def test_nobody_is_deleted(back_office: Client) -> None:
    colleague = user("前台")
    where = reverse("admin:staff_user_delete", args=[colleague.pk])
    assert back_office.post(where, {"post": "yes"}).status_code == 403


def test_a_token_is_stopped_and_never_shown(back_office: Client) -> None:
    token = create_api_token(name="HIS", role=table.HIS, now=timezone.now())
    row = ApiToken.objects.get()
    page = back_office.get(reverse("admin:staff_apitoken_change", args=[row.pk])).content.decode()
    assert token not in page and row.digest not in page
    assert "create_api_token" in words(back_office.get(TOKENS))
    chosen = {"action": "revoke", "_selected_action": [row.pk]}
    assert "已停用所选的接口令牌" in words(back_office.post(TOKENS, chosen, follow=True))
    assert user_of_token(token) is None


def test_tokens_are_not_made_here(back_office: Client) -> None:
    assert back_office.get(reverse("admin:staff_apitoken_add")).status_code == 403


def test_it_loads_nothing_from_elsewhere(back_office: Client) -> None:
    response = back_office.get(NEW_USER)
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert " style=" not in response.content.decode()


def test_a_token_that_is_no_row_of_the_list_is_refused(back_office: Client) -> None:
    create_api_token(name="旧系统", role="HIS接口", now=timezone.now())
    response = back_office.post(TOKENS, {"action": "revoke", "_selected_action": ["\ufeff"]})
    assert response.status_code == 422 and "请在列表中勾选" in words(response)
