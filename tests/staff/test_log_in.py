from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from staff.models import User
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

LOG_IN = reverse("login")
PASSWORD = "long-enough-password"


@pytest.fixture
def colleague(db: None) -> User:
    return user("收费", name="周敏", password=PASSWORD)


def try_in(client: Client, username: str, password: str, **more: str) -> HttpResponse:
    response = client.post(LOG_IN, {"username": username, "password": password, **more})
    assert isinstance(response, HttpResponse)
    return response


def words(response: HttpResponse) -> str:
    return response.content.decode()


def test_the_page_is_chinese_and_names_the_hospital(client: Client) -> None:
    page = words(client.get(LOG_IN))  # type: ignore[arg-type]
    assert "<title>登录 · 曲靖口腔医院会员系统</title>" in page
    assert 'lang="zh-Hans"' in page and "登录名" in page and "密码" in page
    assert "选填" not in page


def test_the_right_password_leads_home(client: Client, colleague: User) -> None:
    response = try_in(client, colleague.username, PASSWORD)
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert "周敏" in client.get("/").content.decode()


def test_an_empty_form_says_what_is_missing_in_our_words(client: Client, db: None) -> None:
    page = client.post(LOG_IN, {"username": "", "password": ""}).content.decode()
    assert "请填写登录名" in page and "请填写密码" in page
    assert " required" not in page


def test_it_leads_back_to_the_page_that_was_wanted(client: Client, colleague: User) -> None:
    response = try_in(client, colleague.username, PASSWORD, next="/scheme/")
    assert response.headers["Location"] == "/scheme/"


def test_it_leads_to_no_other_site(client: Client, colleague: User) -> None:
    response = try_in(client, colleague.username, PASSWORD, next="https://evil.example/")
    assert response.headers["Location"] == "/"


def test_who_is_logged_in_is_led_on(client: Client, colleague: User) -> None:
    try_in(client, colleague.username, PASSWORD)
    assert client.get(LOG_IN).headers["Location"] == "/"


def test_a_wrong_password_is_one_sentence_and_keeps_the_name(
    client: Client, colleague: User
) -> None:
    page = words(try_in(client, colleague.username, "wrong"))
    assert "登录名或密码不对" in page
    assert f'value="{colleague.username}"' in page and "wrong" not in page


def test_an_unknown_name_is_told_the_same(client: Client) -> None:
    assert "登录名或密码不对" in words(try_in(client, "nobody", PASSWORD))


def test_a_colleague_who_left_is_told_the_same(client: Client, colleague: User) -> None:
    User.objects.update(is_active=False)
    assert "登录名或密码不对" in words(try_in(client, colleague.username, PASSWORD))


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("a\0b", PASSWORD),
        ("a\ud800b", PASSWORD),
        ("a\tb", PASSWORD),
        ("somebody", "pass\0word"),
        ("somebody", "pass\ud800word"),
        ("x" * 51, PASSWORD),
        ("x" * 300_000, PASSWORD),
        ("somebody", "x" * 5_000),
        ("", ""),
    ],
)
def test_unreadable_input_is_answered_by_a_sentence(
    client: Client, username: str, password: str
) -> None:
    body = f"username={_escaped(username)}&password={_escaped(password)}"
    response = client.generic("POST", LOG_IN, body, "application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert 'class="field-error"' in response.content.decode() or "登录名或密码不对" in (
        response.content.decode()
    )


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def test_a_session_ends_by_logging_out(client: Client, colleague: User) -> None:
    try_in(client, colleague.username, PASSWORD)
    assert client.post(reverse("logout")).headers["Location"] == LOG_IN
    assert client.get("/").status_code == 302


def test_logging_out_takes_a_button_not_a_link(client: Client) -> None:
    assert client.get(reverse("logout")).status_code == 405


def lock_out(client: Client, name: str) -> HttpResponse:
    for _ in range(4):
        assert try_in(client, name, "wrong").status_code == 200
    return try_in(client, name, "wrong")


def test_five_wrong_passwords_lock_the_name_for_a_quarter_of_an_hour(
    client: Client, colleague: User
) -> None:
    before = timezone.localtime()
    response = lock_out(client, colleague.username)
    assert response.status_code == 429
    soonest = before + timedelta(minutes=15)
    times = {f"{soonest + timedelta(minutes=minute):%H:%M}" for minute in (1, 2)}
    assert any(f"<strong>{time}</strong>" in words(response) for time in times)
    assert "密码连续输错 5 次" in words(response)


def test_while_locked_the_right_password_is_refused_too(client: Client, colleague: User) -> None:
    lock_out(client, colleague.username)
    response = try_in(client, colleague.username, PASSWORD)
    assert response.status_code == 429
    assert client.get("/").status_code == 302


def test_a_lock_is_for_one_name_and_one_machine(client: Client, colleague: User) -> None:
    lock_out(client, colleague.username)
    other = user("前台", password=PASSWORD)
    assert try_in(client, other.username, PASSWORD).status_code == 302
    elsewhere = Client(REMOTE_ADDR="10.0.0.7")
    assert try_in(elsewhere, colleague.username, PASSWORD).status_code == 302


def test_behind_the_proxy_a_lock_is_for_the_machine_that_the_proxy_saw(
    colleague: User, settings: Settings
) -> None:
    settings.BEHIND_TLS = True
    lock_out(Client(headers={"X-Forwarded-For": "10.0.0.7"}), colleague.username)
    elsewhere = Client(headers={"X-Forwarded-For": "10.0.0.8"})
    assert try_in(elsewhere, colleague.username, PASSWORD).status_code == 302


def test_without_a_proxy_nobody_names_his_own_machine(client: Client, colleague: User) -> None:
    lock_out(client, colleague.username)
    disguised = Client(headers={"X-Forwarded-For": "10.0.0.8"})
    assert try_in(disguised, colleague.username, PASSWORD).status_code == 429


def test_a_lock_ends_by_itself(client: Client, colleague: User) -> None:
    lock_out(client, colleague.username)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert try_in(client, colleague.username, PASSWORD).status_code == 302


def test_the_right_password_forgets_the_wrong_ones(client: Client, colleague: User) -> None:
    for _ in range(2):
        for _ in range(4):
            assert try_in(client, colleague.username, "wrong").status_code == 200
        assert try_in(client, colleague.username, PASSWORD).status_code == 302
        client.post(reverse("logout"))
