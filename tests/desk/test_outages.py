"""A database that is away, full or busy: a sentence and a way on, and nothing is acknowledged."""

from collections.abc import Callable

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.test import Client

from members.models import Patient
from points.models import Receipt
from scheme.models import Scheme
from staff.outages import outage
from tests.desk.words import words
from tests.factories.members import patient

pytestmark = pytest.mark.django_db
Lose = Callable[[str], None]
FORM = {"amount": "1234.50", "receipt_number": "A<1>"}


def lost(cause: Exception | None = None, kind: type[Exception] = OperationalError) -> Exception:
    """The error as Django raises it: the driver's beneath its own."""
    error = kind("server closed the connection unexpectedly: host 10.1.2.3")
    error.__cause__ = cause or psycopg.OperationalError()
    return error


@pytest.fixture
def lose(monkeypatch: pytest.MonkeyPatch) -> Lose:
    """`lose("module.function")`: the database goes away inside that function."""

    def go_away(target: str) -> None:
        def fail(*_: object, **__: object) -> None:
            raise lost()

        monkeypatch.setattr(target, fail)

    return go_away


@pytest.fixture
def someone(scheme: Scheme) -> Patient:
    return patient()


def test_the_till_says_so_and_a_button_sends_the_same_again(
    as_cashier: Client, someone: Patient, lose: Lose, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr("desk.views.till.record_receipt", _raise(lost()))
        response = as_cashier.post(f"/patients/{someone.pk}/pay/", FORM)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "数据库暂时连不上" in words(response) and "同一张单据不会计两次" in words(response)
    page = response.content.decode()
    assert "10.1.2.3" not in page
    assert '<input type="hidden" name="amount" value="1234.50">' in page
    assert 'value="A&lt;1&gt;"' in page and "再试一次" in page

    again = as_cashier.post(f"/patients/{someone.pk}/pay/", FORM)
    assert again.status_code == 302
    assert Receipt.objects.get().number == "A<1>"


def test_a_page_that_only_shows_says_to_open_it_again(as_cashier: Client, lose: Lose) -> None:
    lose("desk.views.till.till_page")
    response = as_cashier.get("/till/")
    assert response.status_code == 503
    assert "F5" in words(response) and "再试一次" not in words(response).split("请稍后再试一次")[1]


def test_a_password_is_never_in_the_page(client: Client, lose: Lose) -> None:
    lose("staff.backends.RoleBackend.authenticate")
    response = client.post("/login/", {"username": "a", "password": "my secret"})
    assert response.status_code == 503
    assert "my secret" not in response.content.decode()


def test_a_session_that_cannot_be_saved_is_no_mistake_of_ours(
    as_cashier: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionStore, "load", _raise(lost()))
    as_cashier.raise_request_exception = False
    response = as_cashier.get("/till/")
    assert response.status_code == 503
    assert "数据库暂时连不上" in words(response)


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (psycopg.OperationalError(), "database_unavailable"),
        (psycopg.errors.AdminShutdown(), "database_unavailable"),
        (psycopg.errors.CannotConnectNow(), "database_unavailable"),
        (psycopg.errors.DiskFull(), "disk_full"),
        (psycopg.errors.DeadlockDetected(), "database_busy"),
        (psycopg.errors.QueryCanceled(), "database_busy"),
        (psycopg.errors.TooManyConnections(), "database_busy"),
    ],
)
def test_what_passes_by_itself_has_a_code_and_a_sentence(cause: Exception, code: str) -> None:
    refusal = outage(lost(cause))
    assert refusal is not None and (refusal.code, refusal.status) == (code, 503)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        None,
        DatabaseError(),
        lost(psycopg.errors.UndefinedTable(), ProgrammingError),
        lost(psycopg.errors.InternalError_(), OperationalError),
    ],
)
def test_a_mistake_of_ours_is_no_outage(error: Exception | None) -> None:
    assert outage(error) is None


def test_a_connection_that_is_closed_is_an_outage() -> None:
    assert outage(InterfaceError("connection already closed")) is not None


def _raise(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail
