import re
from typing import Any

import pytest
from django.test import Client

from staff import roles as names
from staff.backends import RoleBackend
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

PAGE, DESCRIPTION = "/api/v1/docs", "/api/v1/openapi.json"


@pytest.fixture
def as_system_admin(db: None) -> Client:
    client = Client()
    backend = f"{RoleBackend.__module__}.{RoleBackend.__qualname__}"
    client.force_login(user(names.SYSTEM_ADMIN), backend=backend)
    return client


@pytest.mark.parametrize("address", [PAGE, DESCRIPTION])
def test_only_who_runs_the_system_reads_about_the_interface(
    as_system_admin: Client, as_cashier: Client, address: str
) -> None:
    assert as_system_admin.get(address).status_code == 200
    assert as_cashier.get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(
    as_system_admin: Client,
) -> None:
    page = as_system_admin.get(PAGE).content.decode()
    assert "会员积分接口" in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page)
    assert all("application/json" in attributes for attributes in scripts)
    assert not re.search(r"<style|\bstyle=|\bon\w+=", page)


def test_the_description_names_every_field_that_an_endpoint_takes(as_system_admin: Client) -> None:
    paths = as_system_admin.get(DESCRIPTION).json()["paths"]
    taken = {
        (method, path): set(_body(endpoint))
        for path, methods in paths.items()
        for method, endpoint in methods.items()
    }
    assert taken["post", "/api/v1/payments"] == {
        "receipt_number",
        "file_number",
        "amount",
        "paid_at",
        "department",
        "doctor",
        "note",
    }
    assert {"reason", "void", "revision", "file_number"} <= taken[
        "post", "/api/v1/payments/{receipt_number}/corrections"
    ]
    assert "guardian_name" in taken["post", "/api/v1/members"]
    assert taken["get", "/api/v1/patients/{file_number}"] == set()
    assert all(
        {"401", "403", "422"} <= set(endpoint["responses"])
        for methods in paths.values()
        for endpoint in methods.values()
    )


def _body(endpoint: Any) -> list[str]:
    if "requestBody" not in endpoint:
        return []
    return list(endpoint["requestBody"]["content"]["application/json"]["schema"]["properties"])
