from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from scheme.models import Scheme
from staff.models import User
from staff.operations.roles import sync_roles
from tests.factories.scheme import published
from tests.factories.staff import user


@pytest.fixture
def roles(db: None) -> None:
    """The groups with their permissions, as on a set-up system."""
    sync_roles()


@pytest.fixture
def scheme(db: None) -> Scheme:
    """The shipped rules of 方案A in force since 2013-10-01."""
    return published()


@pytest.fixture
def cashier(roles: None) -> User:
    return user("收费")


@pytest.fixture
def manager(roles: None) -> User:
    return user("总经理")


@pytest.fixture
def as_cashier(cashier: User) -> Client:
    """A browser with the cashier logged in."""
    client = Client()
    client.force_login(cashier, backend="staff.backends.RoleBackend")
    return client


@pytest.fixture
def as_manager(manager: User) -> Client:
    """A browser with the general manager logged in."""
    client = Client()
    client.force_login(manager, backend="staff.backends.RoleBackend")
    return client


@pytest.fixture
def committing(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Real commits, for tests with several connections; cleans up as the owner afterwards.

    The ledgers refuse TRUNCATE, also to Django's flush, so the triggers rest while it runs.
    """
    yield
