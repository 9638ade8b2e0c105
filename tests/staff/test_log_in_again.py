"""A form that is sent after the session ended is not lost."""

import pytest
from django.test import Client

from points.models import Receipt
from scheme.models import Scheme
from staff.models import User
from tests.factories.members import patient
from tests.factories.staff import user

pytestmark = pytest.mark.django_db
PASSWORD = "niu-lan-shan-2013"
TYPED = {"amount": "1234.50", "receipt_number": "A<1>"}


@pytest.fixture
def cashier(db: None, scheme: Scheme) -> User:
    return user("收费", password=PASSWORD)


def kept(page: str) -> dict[str, str]:
    """What the log-in page sends on with name and password."""
    names = {f"kept-{name}": value for name, value in TYPED.items()}
    assert all(f'name="{name}"' in page for name in names)
    return names


def test_what_was_typed_is_offered_again_after_the_log_in(client: Client, cashier: User) -> None:
    address = f"/patients/{patient().pk}/pay/"
    answer = client.post(address, TYPED)
    assert (answer.status_code, answer["Location"]) == (307, f"/login/?next={address}")
    page = client.post(answer["Location"], TYPED)
    assert "登录已过期" in page.content.decode() and "A&lt;1&gt;" in page.content.decode()
    assert "请填写登录名" not in page.content.decode()

    credentials = {"username": cashier.username, "password": "wrong", "next": address}
    again = client.post("/login/", credentials | kept(page.content.decode()))
    credentials["password"] = PASSWORD
    offered = client.post("/login/", credentials | kept(again.content.decode()))
    text = offered.content.decode()
    assert "已重新登录" in text and f'action="{address}"' in text
    assert 'name="receipt_number" value="A&lt;1&gt;"' in text and PASSWORD not in text
    assert not Receipt.objects.exists()

    assert client.post(address, TYPED).status_code == 302
    assert Receipt.objects.get().number == "A<1>"


def test_nothing_that_was_typed_is_in_the_session_or_a_cookie(
    client: Client, cashier: User
) -> None:
    address = f"/patients/{patient().pk}/pay/"
    client.post(client.post(address, TYPED)["Location"], TYPED)
    credentials = {"username": cashier.username, "password": PASSWORD, "next": address}
    client.post("/login/", credentials | {"kept-amount": "1234.50"})
    assert "1234" not in str(dict(client.session.items())) + client.cookies.output()


def test_a_password_is_not_kept(client: Client, cashier: User) -> None:
    answer = client.post("/password/", {"old_password": "x", "new_password1": "y"})
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/password/")


def test_who_only_logs_in_goes_where_he_wanted_to(client: Client, cashier: User) -> None:
    credentials = {"username": cashier.username, "password": PASSWORD, "next": "/till/"}
    assert client.post("/login/", credentials)["Location"] == "/till/"


def test_nobody_is_led_to_another_site_with_what_he_typed(client: Client, cashier: User) -> None:
    credentials = {"username": cashier.username, "password": PASSWORD, "next": "https://a.example/"}
    page = client.post("/login/", credentials | {"kept-amount": "1"}).content.decode()
    assert 'action="/"' in page and "a.example" not in page


@pytest.mark.parametrize("header", [{"hx-request": "true"}, {"sec-fetch-mode": "cors"}])
def test_a_script_is_told_so_and_gets_no_page(client: Client, header: dict[str, str]) -> None:
    answer = client.post("/search/live/", {"q": "段"}, headers=header)
    assert (answer.status_code, answer.content) == (401, b"")
    assert "Location" not in answer
