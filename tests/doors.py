"""The addresses of the product, what they declare, and something behind each of them."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from api.app import api
from api.auth import Token
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
