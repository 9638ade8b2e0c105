"""方案A, 方案B or both: pages and entitlements follow on the day, not before (C3)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Membership
from points.queries import broken_rows
from rewards.queries import entitlements_of_member
from rewards.rules import due
from scheme.models import Scheme
from staff.exceptions import Refusal
from staff.rules import business_day
from tests.desk.conftest import browser_of
from tests.desk.words import squeezed
from tests.factories.points import receipt
from tests.factories.scheme import draft, published, published_by_two
from tests.factories.staff import user
from tests.rewards.bought import bought, spender

pytestmark = pytest.mark.django_db

A, B, BOTH = "qujing_dental", "qujing_dental_b", "qujing_dental_both"
TODAY = business_day(timezone.now())
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def in_order(db: None) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert list(broken_rows()) == []


def from_tomorrow(name: str) -> Scheme:
    return published_by_two(draft(name, effective_from=TOMORROW.isoformat()))


def due_on(membership: Membership, days: int = 0) -> set[str]:
    found = entitlements_of_member(membership.pk, TODAY + timedelta(days=days))
    return {each.item for each in due(found)}


def buys(membership: Membership, days: int = 0) -> bool:
    try:
        bought(membership, "gift_10", now=timezone.now() + timedelta(days=days))
    except Refusal as refusal:
        assert refusal.code == "redemption_closed"
        return False
    return True


def catalogue_of(membership: Membership) -> str:
    return reverse("catalogue", args=[membership.patient_id])


@pytest.fixture
def at_the_desk(db: None) -> Client:
    return browser_of(user("前台"))


@pytest.mark.parametrize(
    ("name", "brings", "sells"), [(A, True, False), (B, False, True), (BOTH, True, True)]
)
def test_each_plan_does_what_it_says(
    at_the_desk: Client, name: str, brings: bool, sells: bool
) -> None:
    published(name)
    member = spender("5000")
    assert ("gift_50" in due_on(member)) is brings
    page = at_the_desk.get(reverse("patient", args=[member.patient_id]))
    assert (catalogue_of(member) in page.content.decode()) is sells
    assert ("可用积分" in squeezed(page)) is sells
    assert at_the_desk.get(catalogue_of(member)).status_code == (200 if sells else 404)
    assert buys(member) is sells
    receipt(member.patient, "10")


def test_plan_b_begins_on_its_day_and_not_before() -> None:
    published(A)
    member = spender("5000")
    published_by_two(
        draft(BOTH, effective_from=TOMORROW.isoformat(), redemption_start='"cumulative"')
    )
    assert [buys(member), buys(member, 1)] == [False, True]
    assert "gift_50" in due_on(member) & due_on(member, 1)


def test_the_page_of_the_catalogue_waits_for_the_day(
    at_the_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(A)
    member = spender("5000")
    from_tomorrow(BOTH)
    assert at_the_desk.get(catalogue_of(member)).status_code == 404
    monkeypatch.setattr(timezone, "localdate", lambda: TOMORROW)
    page = at_the_desk.get(catalogue_of(member))
    # Points begin at zero on that day.
    assert "可用积分0分" in squeezed(page)


def test_plan_b_ends_on_its_day_and_what_was_bought_stays() -> None:
    published(BOTH)
    member = spender("5000")
    done = bought(member).redemption
    from_tomorrow(A)
    assert [buys(member), buys(member, 1)] == [True, False]
    later = entitlements_of_member(member.pk, TOMORROW)
    assert [each.state for each in later if each.period == f"redemption:{done.pk}"] == ["open"]


def test_plan_a_ends_on_its_day_and_what_is_open_is_held() -> None:
    published(BOTH)
    member = spender("5000")
    from_tomorrow(B)
    assert "gift_50" in due_on(member) and due_on(member, 1) == set()
    held = entitlements_of_member(member.pk, TOMORROW)
    assert {each.state for each in held if each.item == "gift_50"} == {"held"}


def test_plan_a_begins_on_its_day_for_who_reaches_a_level_then() -> None:
    published(B)
    member = spender("5000")
    from_tomorrow(BOTH)
    assert due_on(member) == set()
    assert "ultrasonic_scaling" in due_on(member, 1)
