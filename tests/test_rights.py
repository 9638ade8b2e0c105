"""Every address × role × method, against the table in `staff.roles`."""

import logging
import os
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus

import pytest
from django.contrib.auth.models import Group
from django.template.backends.django import Template
from django.test import Client

from desk.views import errors
from staff import roles as table
from staff.models import User
from tests import doors as every_door
from tests.doors import METHODS, Door, doors, endpoints
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

keys = every_door.keys


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hundreds of refusals, each with its page and traceback, would take longer than the rest."""
    monkeypatch.setattr(errors, "render_to_string", lambda *_: "")
    loggers = [logging.getLogger(name) for name in ("django.request", "desk.views.incidents")]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    yield
    for logger in loggers:
        logger.setLevel(logging.NOTSET)


@pytest.fixture
def blank_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A door opens before its page is written; `make prove` writes each page for each role."""
    if not os.environ.get("PROVE"):
        monkeypatch.setattr(Template, "render", lambda *_, **__: "")


def knock(client: Client, door: Door, method: str, keys: Mapping[str, int]) -> tuple[int, str]:
    """The status of the answer, and where it leads."""
    response = client.generic(method, door.address(keys), b"", "application/x-www-form-urlencoded")
    return response.status_code, response.headers.get("Location", "")


def logged_in(who: User) -> Client:
    client = Client()
    client.force_login(who, backend="staff.backends.RoleBackend")
    return client


def test_every_address_declares_who_may_come_in() -> None:
    known = set(table.PERMISSIONS) | {"staff.add_apitoken"}
    deletes = {"staff.delete_user", "staff.delete_department", "staff.delete_doctor"}
    named = {name for door in doors() for name in door.permissions or ()}
    assert named <= known | deletes | {"staff.delete_apitoken"}
    assert {door.name for door in doors() if door.permissions is None} <= {
        "login",
        "logout",
        "healthz",
        "readyz",
        "",
    }


def test_every_endpoint_declares_its_permissions() -> None:
    named = {name for ways in endpoints().values() for held in ways.values() for name in held}
    assert named and named <= set(table.PERMISSIONS)
    assert all(held for ways in endpoints().values() for held in ways.values())


@pytest.mark.parametrize("role", table.ROLES)
def test_a_role_opens_its_own_doors_and_no_others(
    keys: dict[str, int], blank_pages: None, role: str
) -> None:
    who = user(role)
    client = logged_in(who)
    for door in doors():
        for method in door.methods:
            status, _ = knock(client, door, method, keys)
            assert_answer(status, door, method, role)
            if door.name == "logout":
                client = logged_in(who)


def assert_answer(status: int, door: Door, method: str, role: str) -> None:
    about = (role, method, door.route, status)
    if door.opens_for(role) and not is_read_only(door, method):
        assert status != 403 and status < 500, about
    else:
        assert status == 403, about


def test_a_wrong_method_is_told_so(keys: dict[str, int]) -> None:
    for client in (logged_in(user(*table.ROLES)), Client()):
        for door in filter(asks_for_methods, doors()):
            for method in set(METHODS) - door.methods:
                status, _ = knock(client, door, method, keys)
                assert status == 405, (method, door.route, status)


def asks_for_methods(door: Door) -> bool:
    """Whether a wrong method is told so: all but the API's pages and the way to the log-in."""
    return not door.route.startswith(("api/", "admin/login/"))


def is_read_only(door: Door, method: str) -> bool:
    """API tokens are only stopped, by an action of the list."""
    return door.name == "staff_apitoken_change" and method == "POST"


def assert_sent_to_log_in(client: Client, keys: Mapping[str, int]) -> None:
    for door in doors():
        for method in door.methods:
            status, location = knock(client, door, method, keys)
            about = (method, door.route, status, location)
            if door.permissions is None:
                assert status not in (401, 403) and status < 500, about
            else:
                assert (status, location.partition("?")[0]) == (302, "/login/"), about


def test_nobody_logged_in_is_sent_to_the_log_in_page(keys: dict[str, int]) -> None:
    assert_sent_to_log_in(Client(), keys)


def test_a_colleague_who_left_is_sent_to_the_log_in_page(keys: dict[str, int]) -> None:
    who = user(*table.ROLES)
    client = logged_in(who)
    assert client.get("/").status_code == HTTPStatus.OK
    User.objects.filter(pk=who.pk).update(is_active=False)
    assert_sent_to_log_in(client, keys)


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(keys: dict[str, int]) -> None:
    who = user(table.GENERAL_MANAGER)
    client = logged_in(who)
    assert client.get("/approvals/").status_code == HTTPStatus.OK
    who.groups.remove(Group.objects.get(name=table.GENERAL_MANAGER))
    assert client.get("/approvals/").status_code == HTTPStatus.FORBIDDEN


def test_the_api_takes_no_browser_session(keys: dict[str, int]) -> None:
    client = logged_in(user(*table.ROLES))
    for route, ways in endpoints().items():
        address = "/" + re.sub(r"<.*?>", "1", route)
        for method in METHODS:
            status = client.generic(method, address, b"{}", "application/json").status_code
            assert status == (401 if method in ways else 405), (method, address)
