import pytest
from django.test import Client

from staff.models import User
from tests.factories.staff import user


def browser_of(colleague: User) -> Client:
    """A browser with this colleague logged in."""
    client = Client()
    client.force_login(colleague, backend="staff.backends.RoleBackend")
    return client


@pytest.fixture
def as_front_desk(roles: None) -> Client:
    return browser_of(user("前台"))


@pytest.fixture
def as_doctor(roles: None) -> Client:
    return browser_of(user("医生"))
