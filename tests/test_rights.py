"""Every address × role × method, against the table in `staff.roles`."""

import inspect
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from api.app import api
from api.auth import Token
from desk.views import errors
from points.models import Receipt, Refund
from rewards.operations.issuing import issue_gifts
from rewards.operations.settling import settle
from rewards.rules.proof import Proof
from scheme.models import Scheme
from staff import roles as table
from staff.models import ApiToken, Approval, Department, Doctor, User
from staff.operations.people import create_api_token
from tests.factories import members, points
from tests.factories.merging import merged
from tests.factories.rewards import claimed, priced, simulated, this_year, used
from tests.factories.scheme import draft, published
from tests.factories.staff import checked_import, user
from tests.points.conftest import run

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "DELETE")
CODE = "700000000019"
ADMIN_METHODS = frozenset({"GET", "POST"})
ADMIN_ACTIONS = {
    "changelist": "view",
    "history": "view",
    "change": "change",
    "add": "add",
    "delete": "delete",
}


@dataclass(frozen=True)
class Door:
    """An address with what it declares; `permissions` is None where anybody may come in."""

    route: str
    name: str
    permissions: tuple[str, ...] | None
    methods: frozenset[str]

    def address(self, keys: Mapping[str, int]) -> str:
        key = next((key for prefix, key in keys.items() if self.route.startswith(prefix)), 1)
        plain = re.sub(
            r"<(\w+:)?\w+>", str(key), re.sub(r"\(\?P<\w+>(\w*).*?\)", r"\1", self.route)
        )
        return "/" + plain.strip("^$").replace("^", "")

    def opens_for(self, role: str) -> bool:
        return self.permissions is None or set(self.permissions) <= table.permissions_of(role)


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern).removeprefix("^/")
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        else:
            yield route, pattern


@cache
def endpoints() -> dict[str, dict[str, tuple[str, ...]]]:
    """What the endpoints of the API declare: permissions by route and method."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            route = "api/v1" + path.replace("{", "<").replace("}", ">")
            for operation in view.operations:
                (token,) = operation.auth_callbacks
                assert isinstance(token, Token)
                found.setdefault(route, {}).update(
                    dict.fromkeys(operation.methods, token.permissions)
                )
    return found


def methods_of(view: Callable[..., Any]) -> frozenset[str]:
    """What `@require_http_methods`, outermost, lets through."""
    names = inspect.getclosurevars(view).nonlocals.get("request_method_list", ["GET"])
    return frozenset(names) & frozenset(METHODS)


def door(route: str, pattern: URLPattern) -> Door | None:
    """The door at this address; None where nothing is declared."""
    view, name = pattern.callback, pattern.name or ""
    if hasattr(view, "model_admin"):
        return Door(route, name, _admin_permissions(view.model_admin, name), ADMIN_METHODS)
    if hasattr(view, "admin_site"):
        return Door(route, name, ("staff.use_admin",), ADMIN_METHODS)
    if hasattr(view, "required_permissions"):
        return Door(route, name, view.required_permissions, methods_of(view))
    if hasattr(view, "is_public"):
        return Door(route, name, None, methods_of(view))
    return None


def _admin_permissions(admin: Any, name: str) -> tuple[str, ...]:
    options = admin.model._meta
    # An old address without an action leads on to the page of the change.
    action = ADMIN_ACTIONS.get(name.removeprefix(f"{options.app_label}_{options.model_name}_"))
    needed = f"{options.app_label}.{action}_{options.model_name}"
    return ("staff.use_admin", needed) if action else ("staff.use_admin",)


@cache
def doors() -> tuple[Door, ...]:
    """All addresses but the API's endpoints and what an earlier pattern hides."""
    found: dict[str, Door] = {}
    for route, pattern in patterns(get_resolver()):
        if route not in endpoints() and route not in found:
            opened = door(route, pattern)
            assert opened, f"{route} declares no permission"
            found[route] = opened
    return tuple(found.values())


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


@pytest.fixture(scope="module")
def keys(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, int]]:
    """Something behind every address with a number; each test undoes what it did to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        found = behind_the_doors(published())
        run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield found
        transaction.set_rollback(True)


def behind_the_doors(scheme: Scheme) -> dict[str, int]:
    """A key for each beginning of an address."""
    patient = members.patient()
    membership = points.member(patient, "1000")
    points.receipt(patient, "9000", number="R-big")
    (issued,) = issue_gifts(
        membership=membership,
        keys=[("gift_10", "once:ordinary", 1, None)],
        proof=Proof(slip_number="L-0001"),
        by=User.objects.system(),
        now=timezone.now(),
    )
    priced("ultrasonic_scaling")
    use, waiting = (used(membership, this_year("ultrasonic_scaling", nth)) for nth in (1, 2))
    slip = settle(patient=patient, use_ids=[use.pk], by=User.objects.system(), now=timezone.now())
    points.refund("R-big", "9000")
    department = Department.objects.create(name="收费室")
    doctor = Doctor.objects.create(staff_number="D1", name="郑医生", department=department)
    create_api_token(name="另一个系统", role=table.HIS, now=timezone.now())
    merge = merged(members.patient(), members.patient())
    review = Approval.objects.get(kind=Approval.Kind.TIER_REVIEW)
    drafted = draft()
    return {
        "merging/": merge.pk,
        "patients/": membership.patient_id,
        "cards/": membership.cards.get().pk,
        "joining/": members.patient().pk,
        "receipts/": Receipt.objects.get(number="R-big").pk,
        "redemptions/": 1,  # Nothing is bought while 方案B is off.
        "refunds/": Refund.objects.get().pk,
        "approvals/": review.pk,
        "imports/": checked_import().pk,
        "issues/": issued.pk,
        "claims/": claimed(membership, ("facial_care", "once:vip", 1, None), code=CODE).pk,
        "uses/": waiting.pk,
        "settlements/": slip.pk,
        "simulations/": simulated(drafted).pk,
        "scheme/drafts/": drafted.pk,
        "scheme/": scheme.pk,
        "admin/staff/user/": user().pk,
        "admin/staff/department/": department.pk,
        "admin/staff/doctor/": doctor.pk,
        "admin/staff/apitoken/": ApiToken.objects.get().pk,
    }


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
