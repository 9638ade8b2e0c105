"""What each level brings, when, and how often (R12-R15, C8-C12; S2:28-44), as tables."""

from datetime import date
from itertools import combinations

import pytest

from rewards.rules import Bought, Taken, entitlements, months_after
from rewards.rules.held import Member
from scheme.rules import TIER_CODES
from tests.rewards.given import (
    ONCE,
    RULES,
    SINCE_2013,
    YEARLY,
    brought,
    counted,
    due,
    found,
    held,
    took,
    with_settings,
)

MAY = date(2026, 5, 1)
AUTUMN = date(2026, 9, 1)
PAIRS = list(combinations(TIER_CODES, 2))


def all_of(items: dict[tuple[str, str], int]) -> list[Taken]:
    return [
        took(item, period, ordinal, "issued" if item.startswith("gift") else "used", on=MAY)
        for (item, period), number in items.items()
        for ordinal in range(1, number + 1)
    ]


@pytest.mark.parametrize("tier", TIER_CODES)
def test_a_level_brings_exactly_what_the_document_says(tier: str) -> None:
    assert due(MAY, held(tier, MAY)) == brought(tier, 2026)


@pytest.mark.parametrize("tier", TIER_CODES)
def test_after_everything_is_taken_nothing_more_is_due(tier: str) -> None:
    given = all_of(brought(tier, 2026))
    assert due(AUTUMN, held(tier, MAY), taken=given) == {}
    assert counted(found(AUTUMN, held(tier, MAY), taken=given), "used") == brought(tier, 2026)


def test_what_levels_bring_is_listed_from_the_lowest_on() -> None:
    levels = [held(tier, MAY) for tier in reversed(TIER_CODES)]
    bought = [Bought(1, "gift_10", "gift", 1, MAY, None)]
    gifts = [each for each in found(MAY, *levels, bought=bought) if each.kind == "gift"]
    values = [each.item for each in gifts if not each.is_redeemed]
    assert values == ["gift_10", "gift_50", "gift_100", "gift_200"]
    assert gifts[-1].is_redeemed


def test_before_the_level_is_reached_nothing_is_due() -> None:
    assert found(date(2026, 4, 30), held("diamond", MAY)) == ()
    assert found(MAY) == ()


@pytest.mark.parametrize("tier", TIER_CODES)
def test_a_new_year_brings_the_yearly_services_anew_and_nothing_carries_over(tier: str) -> None:
    new_year = date(2027, 1, 1)
    last = counted(found(date(2026, 12, 31), held(tier, MAY)))
    assert last == brought(tier, 2026)
    now = found(new_year, held(tier, MAY))
    assert counted(now) == brought(tier, 2027)
    lapsed = {(item, "2026"): number for item, number in YEARLY[tier].items()}
    assert counted(now, "lapsed") == lapsed
    assert {each.expires_on for each in now if each.is_yearly} <= {
        date(2026, 12, 31),
        date(2027, 12, 31),
    }
    used = all_of(lapsed)
    assert counted(found(new_year, held(tier, MAY), taken=used), "used") == lapsed
    assert due(new_year, held(tier, MAY), taken=used) == brought(tier, 2027)


def test_a_level_reached_on_the_last_day_has_that_day_and_the_year_in_full() -> None:
    last = date(2026, 12, 31)
    assert due(last, held("vip", last)) == brought("vip", 2026)
    assert due(date(2027, 1, 1), held("vip", last)) == brought("vip", 2027)


@pytest.mark.parametrize(("lower", "upper"), PAIRS)
@pytest.mark.parametrize("used", [0, 1, 2])
def test_an_upgrade_in_the_year_gives_the_right_remainder(
    lower: str, upper: str, used: int
) -> None:
    """C9: of the same service the new number less what was used, another one in full."""
    items = YEARLY[lower]
    taken = [
        took(item, "2026", ordinal)
        for item, number in items.items()
        for ordinal in range(1, min(used, number) + 1)
    ]
    levels = held(lower, date(2026, 2, 1)), held(upper, MAY)
    some = found(AUTUMN, *levels, taken=taken)
    expected = brought(lower) | brought(upper, 2026)
    for item, number in items.items():
        spent = min(used, number)
        if item in YEARLY[upper]:
            expected[item, "2026"] -= spent
        assert counted(some, "used").get((item, "2026"), 0) == spent
    assert counted(some) == {key: number for key, number in expected.items() if number}
    superseded = {
        (item, "2026"): number - min(used, number)
        for item, number in items.items()
        if item not in YEARLY[upper] and number > used
    }
    assert counted(some, "superseded") == superseded
    assert due(date(2027, 2, 1), *levels, taken=taken) == brought(lower) | brought(upper, 2027)


@pytest.mark.parametrize(("lower", "upper"), PAIRS)
def test_an_upgrade_in_a_later_year_supersedes_nothing(lower: str, upper: str) -> None:
    some = found(date(2027, 6, 1), held(lower, MAY), held(upper, date(2027, 5, 1)))
    expected = {(item, "2026"): number for item, number in YEARLY[lower].items()}
    assert counted(some, "lapsed") == expected
    shared = set(YEARLY[lower]) - set(YEARLY[upper])
    assert {each.item for each in some if each.state == "superseded"} == shared
    assert counted(some) == brought(lower) | brought(upper, 2027)


def test_what_came_once_stays_beside_the_yearly_one_of_the_same_kind() -> None:
    levels = [held(tier, date(2026, month, 1)) for month, tier in enumerate(TIER_CODES, 1)]
    open_ = counted(found(MAY, *levels))
    assert [period for item, period in sorted(open_) if item == "facial_care"] == [
        "2026",
        "once:senior",
        "once:vip",
    ]
    assert [period for item, period in sorted(open_) if item == "herbal_therapy"] == [
        "2026",
        "once:vip",
    ]


@pytest.mark.parametrize(("before", "reached"), list(combinations(range(4), 2)))
def test_jumping_over_levels_brings_the_reached_ones_gifts_or_all(
    before: int, reached: int
) -> None:
    """C8: only those of the level reached; with `grant_skipped` those jumped over, too."""
    tier, skipped = TIER_CODES[reached], TIER_CODES[before:reached]
    earlier = [held(TIER_CODES[before - 1], date(2025, 5, 1))] if before else []
    start = brought(TIER_CODES[before - 1]) if earlier else {}
    assert due(MAY, *earlier, held(tier, MAY)) == start | brought(tier, 2026)
    generous = with_settings(grant_skipped=True)
    expected = start | brought(tier, 2026)
    for code in skipped:
        expected |= brought(code)
    assert due(MAY, *earlier, held(tier, MAY, generous)) == expected


def test_points_of_the_system_before_bring_services_but_no_gift() -> None:
    """C2; the level above that the member reaches later brings its own."""
    legacy = held("vip", MAY, once=False)
    assert due(MAY, legacy) == {("ultrasonic_scaling", "2026"): 2}
    generous = with_settings(grant_skipped=True)
    later = held("diamond", AUTUMN, generous)
    assert due(AUTUMN, held("vip", MAY, generous, once=False), later) == brought("diamond", 2026)


def test_a_level_under_review_holds_what_is_uncollected_of_it() -> None:
    """C18: what the supported level brings, and what was taken, is not touched."""
    levels = held("senior", date(2025, 5, 1)), held("vip", MAY)
    card = took("herbal_therapy", "once:vip", taking="claimed")
    taken = [took("ultrasonic_scaling", "2026"), took("gift_100", "once:vip", 1, "issued"), card]
    some = found(AUTUMN, *levels, taken=taken, held_above=2)
    assert counted(some) == brought("senior")
    assert counted(some, "held") == {
        ("ultrasonic_scaling", "2026"): 1,
        ("facial_care", "once:vip"): 1,
        ("herbal_therapy", "once:vip"): 1,
    }
    assert counted(some, "used") == {
        ("ultrasonic_scaling", "2026"): 1,
        ("gift_100", "once:vip"): 1,
    }
    assert all("复核" in each.reason for each in some if each.state == "held")
    assert due(AUTUMN, *levels, taken=taken, held_above=0) == {}
    kept = due(AUTUMN, *levels, taken=taken)
    assert kept[("herbal_therapy", "once:vip")] == 1


def test_a_level_taken_back_leaves_what_was_used_and_counts_it_this_year() -> None:
    """However the pieces were numbered: two of VIP's were used, senior's one is not open."""
    back = held("senior", AUTUMN, once=False)
    second = [took("ultrasonic_scaling", "2026", 2), took("gift_100", "once:vip", 1, "issued")]
    some = found(AUTUMN, back, taken=second)
    assert counted(some) == {}
    assert counted(some, "superseded") == {("ultrasonic_scaling", "2026"): 1}
    assert counted(some, "used") == {
        ("ultrasonic_scaling", "2026"): 1,
        ("gift_100", "once:vip"): 1,
    }
    assert due(date(2027, 1, 1), back, taken=second) == {("ultrasonic_scaling", "2027"): 1}
    recovered = held("senior", AUTUMN)
    assert due(AUTUMN, recovered, taken=second) == brought("senior")


def test_two_files_made_one_have_used_what_both_used() -> None:
    """C40: the same first piece was used on either file, so none of the two is left."""
    twice = [took("ultrasonic_scaling", "2026"), took("ultrasonic_scaling", "2026")]
    assert due(AUTUMN, held("vip", MAY), taken=twice) == brought("vip")


def test_a_card_of_a_service_that_is_superseded_is_not_used() -> None:
    card = took("ultrasonic_scaling", "2026", taking="claimed", expires_on=date(2026, 12, 31))
    some = found(AUTUMN, held("vip", MAY), held("diamond", AUTUMN), taken=[card])
    states = {each.state for each in some if each.item == "ultrasonic_scaling"}
    assert states == {"superseded"}
    same = found(AUTUMN, held("senior", MAY), held("vip", AUTUMN), taken=[card])
    assert counted(same, "claimed") == {("ultrasonic_scaling", "2026"): 1}
    assert counted(same)[("ultrasonic_scaling", "2026")] == 1


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (MAY, None, None),
    ],
)
def test_months_of_validity_end_on_the_same_day_or_the_months_last(
    day: date, months: int | None, last: date | None
) -> None:
    assert months_after(day, months) == last


def test_what_comes_once_lapses_after_its_months_where_the_scheme_says_so() -> None:
    """C11: gifts and once-only services; by default they stay."""
    short = with_settings(once_only_valid_months=6)
    level = held("vip", date(2026, 1, 31), short)
    assert due(date(2026, 7, 31), level) == brought("vip", 2026)
    assert due(date(2026, 8, 1), level) == {("ultrasonic_scaling", "2026"): 2}
    assert due(date(2046, 1, 1), held("vip", MAY))[("gift_100", "once:vip")] == 1
    issued = [took("gift_100", "once:vip", 1, "issued")]
    later = found(date(2030, 1, 1), level, taken=issued)
    assert counted(later, "used") == {("gift_100", "once:vip"): 1}


def test_what_points_bought_is_open_to_its_last_day_whatever_the_level() -> None:
    bought = Bought(17, "fissure_sealant", "service", 3, MAY, date(2026, 8, 31))
    facts = {"bought": [bought], "taken": [took("fissure_sealant", "redemption:17", 2)]}
    member = Member(held_above=0, **facts)  # type: ignore[arg-type]
    some = entitlements(member, SINCE_2013, date(2026, 8, 31))
    assert [(each.ordinal, each.state) for each in some] == [(1, "open"), (2, "used"), (3, "open")]
    later = entitlements(member, SINCE_2013, AUTUMN)
    assert [each.state for each in later] == ["lapsed", "used", "lapsed"]
    assert due(MAY, bought=[bought]) == {}


def test_the_tables_here_are_those_of_the_shipped_rules() -> None:
    for tier in RULES.tiers:
        members = [one for one in tier.benefits if one.for_whom == "member"]
        assert ONCE[tier.code] == {o.item: o.quantity for o in members if o.cycle == "once"}
        assert YEARLY[tier.code] == {o.item: o.quantity for o in members if o.cycle == "yearly"}
