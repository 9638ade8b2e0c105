import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase
from django.test.utils import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from scheme.models import Scheme
from staff import clock
from staff.models import User
from tests import furnished
from tests.cleaning import delete_everything
from tests.factories.scheme import published
from tests.factories.staff import user


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "long" not in item.keywords)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Every process gets a copy of the tables that the first one made."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"] |= {"TEMPLATE": furnished.template(), "MIGRATE": False}


@pytest.fixture
def scheme(db: None) -> Scheme:
    """The shipped rules of 方案A in force since 2013-10-01."""
    return published()


@pytest.fixture
def cashier(db: None) -> User:
    return user("收费")


@pytest.fixture
def manager(db: None) -> User:
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


@pytest.fixture(scope="session", autouse=True)
def emptying_as_the_owner() -> Iterator[None]:
    """The ledgers refuse TRUNCATE, also to Django's flush: tests that commit are emptied so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", delete_everything)
        yield


@pytest.fixture(scope="session", autouse=True)
def folder_of_static_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty folder: WhiteNoise warns without one, and reads a full one for each browser."""
    with override_settings(STATIC_ROOT=tmp_path_factory.mktemp("static")):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_as_they_are() -> Iterator[None]:
    """Pages name style sheets and scripts without the fingerprints that `collectstatic` makes."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture(scope="session", autouse=True)
def passwords_in_no_time() -> Iterator[None]:
    """Hashing that resists guessing is slow on purpose."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def committing(transactional_db: None) -> None:
    """Real commits, for tests with several connections or a live server."""


@pytest.fixture(autouse=True)
def clocks_just_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks the database for the time when it happens to be due: statements are counted."""
    monkeypatch.setattr(clock, "_last", clock._Reading(timezone.now(), time.monotonic()))
