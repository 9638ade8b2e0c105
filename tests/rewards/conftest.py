from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.points.conftest import run
from tests.points.crowd import Crowd
from tests.rewards.ground import filled, in_order


@pytest.fixture(scope="module")
def reward_books(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Books for many small attacks, each of which undoes itself; they stay in order."""
    with django_db_blocker.unblock(), transaction.atomic():
        filled()
        run("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield
        in_order()
        transaction.set_rollback(True)


@pytest.fixture
def at_once(committing: None) -> Iterator[Crowd]:
    """Threads with a connection each."""
    crowd = Crowd()
    yield crowd
    crowd.leave()
