"""Hostile input over every form, query and endpoint that walking the product finds.

Each answer is a page, a Chinese refusal or a redirect; nothing refused leaves a trace, and the
books stay in order. `make prove` sends 17,000 here and 3,000 files in `test_hostile_files`.
"""

import logging
import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from random import Random, SystemRandom
from typing import Any

import pytest
from django.conf import settings
from django.forms import CharField
from django.http import HttpRequest
from django.test import Client

from api import payments
from api.app import api
from api.body import body_of
from points.rules import NewReceipt, receipt_from
from staff import roles
from tests import doors
from tests.api.conftest import caller
from tests.factories import members, points
from tests.factories.staff import user
from tests.prove import hostile
from tests.prove.answers import Judge, Memory
from tests.prove.edits import sentences
from tests.prove.pages import Form, Site, forms_on, walk

PROVE = bool(os.environ.get("PROVE"))
SEED = int(os.environ.get("SEED") or (SystemRandom().randrange(10**9) if PROVE else 1))
POSTS, QUERIES, CALLS = (8_000, 3_000, 6_000) if PROVE else (80, 30, 80)
MOST_MEMORY = 512

pytestmark = [
    pytest.mark.django_db,
    # Pages of another browser or program may send what no encoding knows.
    pytest.mark.filterwarnings("ignore::UnicodeWarning"),
]

keys = doors.keys


@pytest.fixture
def judge() -> Judge:
    random = Random(SEED)
    return Judge(random, SEED, often=1 if PROVE else 10, timed=PROVE)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def session(keys: dict[str, int]) -> str:
    """The session of somebody who may do everything."""
    client = Client()
    everybody = [role for role in roles.ROLES if role != roles.HIS]
    client.force_login(user(*everybody), backend="staff.backends.RoleBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def site(session: str, keys: dict[str, int]) -> Site:
    someone = members.patient()
    points.receipt(someone, "3000", number="R-kept")
    found, before = walk(browser(session), keys), forms_on(Client(), "/login/")
    return Site([*found.forms, *before], found.queries)


@pytest.fixture
def frugal() -> Iterator[None]:
    memory = Memory()
    yield
    assert memory.peak() < MOST_MEMORY


def browser(session: str) -> Client:
    """A new window each time: a page may end the session or change the cookies."""
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def post(judge: Judge, site: Site, session: str) -> None:
    """One form with one or more fields that hold what nobody should write."""
    random = judge.random
    form = random.choice(site.forms)
    send: Callable[..., Any] = partial(browser(session).generic, "POST", form.action)
    if random.random() < 0.06:
        content, kind = hostile.form_body(random)
        judge.send(f"POST {form.action} {kind} {content[:80]!r}", lambda: send(content, kind))
        return
    given = filled(form, random)
    body = hostile.encoded(given)
    judge.send(
        f"POST {form.action} {given!r}", lambda: send(body, "application/x-www-form-urlencoded")
    )


def filled(form: Form, random: Random) -> dict[str, str]:
    given = {name: hostile.sound(name, shown) for name, shown in form.fields.items()}
    names = [*given, *form.files] or ["x"]
    for name in random.sample(names, min(len(names), random.choice((1, 1, 1, 2, 5)))):
        if random.random() < 0.1:
            given.pop(name, None)
        else:
            given[name] = hostile.text(random, given.get(name, ""))
    if random.random() < 0.05:
        given[hostile.text(random)] = "1"
    return given


def query(judge: Judge, site: Site, session: str) -> None:
    """An address with settings that no link of ours has."""
    random = judge.random
    address = random.choice(sorted(site.queries))
    names = sorted(site.queries[address]) or ["q"]
    chosen = random.sample(names, min(len(names), random.choice((1, 1, 2))))
    asked = "&".join(f"{name}={hostile.quoted(hostile.text(random, '1'))}" for name in chosen)
    if random.random() < 0.1:
        asked = hostile.quoted(hostile.text(random))
    url = f"{address}?{asked}"
    judge.send(f"GET {url}", lambda: browser(session).get(url), writes=False)


@cache
def endpoints() -> list[tuple[str, str, tuple[str, ...]]]:
    """Every endpoint as method, address and the fields of its body, from its own description."""
    found = []
    for route, ways in api.get_openapi_schema()["paths"].items():
        for method, about in ways.items():
            content = about.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            found.append((method.upper(), route, tuple(schema.get("properties", {}))))
    return found


def call(judge: Judge, token: str, keys: dict[str, int]) -> None:
    """An endpoint with a body, a path or a setting that no program of sound mind sends."""
    random = judge.random
    method, route, names = random.choice(endpoints())
    given = {name: hostile.sound(name) for name in names} | {"receipt_number": "R-big"}
    address = hostile_path(route, random)
    content, kind = hostile.json_body(given, random)
    headers = {"authorization": f"Bearer {token}"}
    if random.random() < 0.03:
        headers["authorization"] = random.choice(
            ("Bearer", "Bearer \xff", "Basic eDp5", "x" * 9000)
        )
    client = Client(raise_request_exception=False)
    judge.send(
        f"{method} {address} {kind} {content[:200]!r}",
        lambda: client.generic(method, address, content, kind, headers=headers),
        writes=method != "GET",
    )


def hostile_path(route: str, random: Random) -> str:
    number = hostile.text(random, "P000001") if random.random() < 0.4 else "R-big"
    parts = [hostile.quoted(number) if part.startswith("{") else part for part in route.split("/")]
    asked = f"?as_of={hostile.quoted(hostile.text(random))}" if random.random() < 0.3 else ""
    return "/".join(parts) + asked


def test_every_form_and_address_takes_hostile_input(
    judge: Judge, site: Site, session: str, frugal: None
) -> None:
    for _ in range(POSTS):
        post(judge, site, session)
    for _ in range(QUERIES):
        query(judge, site, session)
    assert judge.faults == []
    assert judge.taken, "nothing was ever taken: these tests are void"
    assert sentences() == []


def test_every_endpoint_takes_hostile_bodies(
    judge: Judge, keys: dict[str, int], frugal: None
) -> None:
    token = caller(roles.HIS).token
    for _ in range(CALLS):
        call(judge, token, keys)
    assert judge.faults == []
    assert judge.taken, "nothing was ever taken: these tests are void"
    assert sentences() == []


def test_control_a_form_that_breaks_on_nul_is_found(
    judge: Judge, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = CharField.to_python
    site = Site(forms_on(browser(session), "/patients/new/"), {})

    def planted(field: CharField, given: Any) -> Any:
        if "\0" in str(given):
            raise ZeroDivisionError
        return shipped(field, given)

    monkeypatch.setattr(CharField, "to_python", planted)
    while judge.sent < POSTS and not judge.faults:
        post(judge, site, session)
    assert judge.faults, "the planted crash was not found: these tests are void"


def test_control_an_endpoint_that_breaks_on_a_number_is_found(
    judge: Judge, keys: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def planted(given: dict[str, object], **more: Any) -> NewReceipt:
        if isinstance(given.get("amount"), int):
            raise OverflowError
        return receipt_from(given, **more)

    monkeypatch.setattr(payments, "receipt_from", planted)
    token = caller(roles.HIS).token
    while judge.sent < 10 * CALLS and not judge.faults:
        call(judge, token, keys)
    assert judge.faults, "the planted crash was not found: these tests are void"


def test_control_a_write_before_a_refusal_is_found(
    judge: Judge, keys: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def planted(request: HttpRequest) -> Any:
        user()
        return shipped(request)

    shipped = body_of
    monkeypatch.setattr(payments, "body_of", planted)
    token = caller(roles.HIS).token
    while judge.sent < 10 * CALLS and not judge.faults:
        call(judge, token, keys)
    assert judge.faults, "what was written was not found: these tests are void"
