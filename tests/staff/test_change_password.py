import pytest
from django.test import Client

from staff.models import User
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

OLD, NEW = "qu-jing-lao-mima", "qu-jing-xin-mima"


@pytest.fixture
def colleague(db: None) -> User:
    return user("前台", password=OLD)


def logged_in(colleague: User) -> Client:
    client = Client()
    client.force_login(colleague, backend="staff.backends.RoleBackend")
    return client


def change(client: Client, old: str, new: str) -> str:
    answer = client.post(
        "/password/",
        {"old_password": old, "new_password1": new, "new_password2": new},
        follow=True,
    )
    return answer.content.decode()


def test_a_colleague_changes_his_own_password_and_stays_logged_in(colleague: User) -> None:
    client = logged_in(colleague)
    assert "密码已修改" in change(client, OLD, NEW)
    colleague.refresh_from_db()
    assert colleague.check_password(NEW)


def test_the_other_machines_are_logged_out(colleague: User) -> None:
    elsewhere = logged_in(colleague)
    change(logged_in(colleague), OLD, NEW)
    assert elsewhere.get("/").status_code == 302


def test_the_old_password_must_be_right(colleague: User) -> None:
    assert "旧密码" in change(logged_in(colleague), "something else", NEW)
    colleague.refresh_from_db()
    assert colleague.check_password(OLD)


def test_a_short_password_is_refused_in_chinese(colleague: User) -> None:
    assert "密码太短，至少 12 个字符" in change(logged_in(colleague), OLD, "short")
    colleague.refresh_from_db()
    assert colleague.check_password(OLD)


def test_what_was_left_empty_is_named(colleague: User) -> None:
    page = change(logged_in(colleague), "", NEW)
    assert "请填写旧密码" in page
