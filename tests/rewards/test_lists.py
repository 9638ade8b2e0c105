"""The list of what is open says of all members at once what the rules say of each."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from pytest_django import DjangoAssertNumQueries

from members.models import Membership
from rewards.queries import entitlements_of
from rewards.queries.lists import Choice, Untaken, untaken
from scheme.models import Item
from tests.factories.scheme import draft, published, published_by_two
from tests.rewards.world import DAY, World

pytestmark = pytest.mark.django_db

ALL = 1_000_000

Piece = tuple[int, int, str, str, int | None, date | None, bool]


def by_the_rules(kind: str, day: date) -> Counter[Piece]:
    """What is open or collected, of one member after the other; once for a household."""
    roots = Membership.objects.filter(patient__merged_into=None).values_list("pk", flat=True)
    items = dict(Item.objects.values_list("code", "pk"))
    found: Counter[Piece] = Counter()
    for member, entitlements in entitlements_of(list(roots), day).items():
        once = set()
        for each in entitlements:
            single = (each.item, each.period, each.ordinal)
            if each.kind != kind or each.state not in ("open", "claimed"):
                continue
            if each.per_household and single in once:
                continue
            if each.per_household:
                once.add(single)
            found[
                member,
                items[each.item],
                each.tier,
                each.period,
                each.child_id,
                each.expires_on,
                each.state == "claimed",
            ] += 1
    return found


def listed(choice: Choice, day: date) -> Counter[Piece]:
    found: Counter[Piece] = Counter()
    for row in untaken(choice, day=day, page=1, size=ALL).rows:
        found[_piece(row)] += row.quantity
    return found


def _piece(row: Untaken) -> Piece:
    return (
        row.member_id,
        row.item_id,
        row.tier,
        row.period,
        row.child_id,
        row.expires_on,
        row.claimed,
    )


def assert_as_the_rules_say(day: date) -> None:
    for kind in ("gift", "service"):
        expected = by_the_rules(kind, day)
        assert expected
        assert listed(Choice(kind), day) == expected


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_the_rules_say_whatever_stands_in_the_tables(seed: int) -> None:
    random = Random(seed)
    settings = {
        "grant_skipped": random.choice(("true", "false")),
        "once_only_valid_months": random.choice(('"never"', "1", "7")),
        "child_item_scope": random.choice(('"per_child"', '"per_household"')),
        "child_birthday_ends": random.choice(("true", "false")),
    }
    first = published(**settings, plan_a="true")
    second = published_by_two(draft(effective_from="2026-03-01", **settings))
    World(random, [first, second]).fill()
    assert_as_the_rules_say(DAY)


def test_while_plan_a_is_off_only_what_was_collected_or_bought_is_listed() -> None:
    first = published()
    second = published_by_two(
        draft("qujing_dental_both", effective_from="2026-03-01", plan_a="false")
    )
    World(Random(9), [first, second]).fill()
    for kind in ("gift", "service"):
        assert listed(Choice(kind), DAY) == by_the_rules(kind, DAY)


@pytest.fixture
def world(db: None) -> World:
    made = World(Random(3), [published()])
    made.fill()
    return made


def test_filters_leave_what_they_say(world: World) -> None:
    everything = untaken(Choice("service"), day=DAY, page=1, size=ALL).rows
    soon = DAY + timedelta(days=30)
    by_filter = {
        Choice("service", until=soon): [
            row for row in everything if row.expires_on and row.expires_on <= soon
        ],
        Choice("service", tier="vip"): [row for row in everything if row.tier == "vip"],
        Choice("service", tier=""): [row for row in everything if not row.tier],
    }
    for choice, expected in by_filter.items():
        found = untaken(choice, day=DAY, page=1, size=ALL)
        assert expected and set(found.rows) == set(expected)
        assert found.count == len({row.member_id for row in expected})


def test_r38_what_was_put_off_can_be_asked_for(world: World) -> None:
    gifts = untaken(Choice("gift"), day=DAY, page=1, size=ALL).rows
    put_off = untaken(Choice("gift", put_off=True), day=DAY, page=1, size=ALL).rows
    others = untaken(Choice("gift", put_off=False), day=DAY, page=1, size=ALL).rows
    assert put_off and all(row.put_off_id for row in put_off)
    assert set(put_off) | set(others) == set(gifts)


def test_pages_follow_each_other_and_end(world: World) -> None:
    whole = untaken(Choice("gift"), day=DAY, page=1, size=ALL)
    members = list(dict.fromkeys(row.member_id for row in whole.rows))
    paged = []
    for page in range(1, len(members) // 20 + 2):
        found = untaken(Choice("gift"), day=DAY, page=page, size=20)
        assert found.count == len(members)
        paged += list(dict.fromkeys(row.member_id for row in found.rows))
    assert paged == members
    beyond = untaken(Choice("gift"), day=DAY, page=99, size=20).rows
    assert beyond == found.rows


def test_it_takes_six_statements_however_many_members(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for size in (1, ALL):
        with django_assert_num_queries(6):
            untaken(Choice("gift"), day=DAY, page=1, size=size)
