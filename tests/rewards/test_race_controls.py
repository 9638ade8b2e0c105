"""Each race with its guard left out: if it does not break, the races prove nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from rewards.models import Issue, Use
from rewards.operations import entitled, redemption
from rewards.queries import broken_rows
from staff.models import User
from tests.cleaning import delete_everything
from tests.factories.members import patient
from tests.factories.points import member
from tests.factories.scheme import published
from tests.points.conftest import run
from tests.points.crowd import ROUNDS, THREADS, Crowd
from tests.points.test_race_controls import changed
from tests.rewards.crowd import (
    GIFT,
    buy,
    hand_out,
    left_of,
    parents_of_one,
    priced,
    this_years,
    use,
    vip,
)

pytestmark = pytest.mark.usefixtures("committing")
TWICE = "同一项登记了两次"


@contextmanager
def without_index(name: str) -> Iterator[None]:
    """A table without this unique index; emptied before it is there again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        (shipped,) = cursor.fetchone()
    run(f"DROP INDEX {name}")
    yield
    delete_everything()
    run(shipped)


@pytest.fixture
def accounts_unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The application looks at what is left without holding the account."""
    for module in (entitled, redemption):
        monkeypatch.setattr(module, "lock_accounts", lambda _: None)


@pytest.fixture
def by(committing: None) -> User:
    system = User.objects.system()
    published("qujing_dental_both", effective_from="2013-10-01")
    return system


@pytest.fixture
def gifts_repeat(committing: None, accounts_unlocked: None) -> Iterator[None]:
    with without_index("issue_once"):
        yield


def test_without_lock_and_index_a_gift_goes_out_twice_and_is_named(
    gifts_repeat: None, at_once: Crowd, by: User
) -> None:
    for _ in range(ROUNDS):
        whose = vip()
        at_once(*[hand_out(whose, GIFT, by)] * THREADS)
        if Issue.objects.filter(membership=whose).count() > 1:
            assert any(TWICE in sentence for sentence in broken_rows())
            return
    pytest.fail("no race: these tests are void")


@pytest.fixture
def childs_items_repeat(committing: None) -> Iterator[None]:
    with without_index("use_once_a_child"):
        yield


def test_without_the_index_two_parents_use_one_item_and_it_is_named(
    childs_items_repeat: None, at_once: Crowd, by: User
) -> None:
    treated_by = priced()
    for _ in range(ROUNDS):
        parents, child = parents_of_one()
        key = this_years("child_anti_caries", child=child)
        at_once(*(use(parent, key, by, treated_by, child) for parent in parents))
        if Use.objects.filter(child=child).count() > 1:
            assert any(TWICE in sentence for sentence in broken_rows())
            return
    pytest.fail("no race: these tests are void")


@pytest.fixture
def points_overdrawn(committing: None, accounts_unlocked: None) -> Iterator[None]:
    looks = "NEW.available_delta < 0 AND account.available < 0"
    with changed("points_entry_post", lambda shipped: shipped.replace(looks, "false")):
        yield


def test_without_lock_and_check_more_points_are_spent_than_there_are(
    points_overdrawn: None, at_once: Crowd, by: User
) -> None:
    for _ in range(ROUNDS):
        whose = member(patient(), "5000")
        at_once(*[buy(whose, "facial_care", by)] * THREADS)
        if left_of(whose) < 0:
            return
    pytest.fail("no race: these tests are void")
