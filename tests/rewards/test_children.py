"""The children's item of a diamond member's household (R15, C14), as tables."""

from datetime import date

import pytest

from rewards.rules import child_until
from tests.rewards.given import RULES, child, counted, due, found, held, took, with_settings

MAY = date(2026, 5, 1)
AUTUMN = date(2026, 9, 1)
ITEM = ("child_anti_caries", "2026")
DIAMOND = held("diamond", MAY)
BORN = date(2018, 6, 1)
TWELFTH_ENDS = with_settings(child_birthday_ends=True)
ONE_A_HOUSEHOLD = with_settings(child_item_scope="per_household")


@pytest.mark.parametrize(
    ("born", "with_twelve", "without"),
    [
        (date(2013, 6, 1), date(2026, 5, 31), date(2025, 5, 31)),
        (date(2014, 1, 1), date(2026, 12, 31), date(2025, 12, 31)),
        (date(2014, 12, 31), date(2027, 12, 30), date(2026, 12, 30)),
        (date(2016, 2, 29), date(2029, 2, 28), date(2028, 2, 28)),
        (date(2016, 3, 1), date(2029, 2, 28), date(2028, 2, 29)),
    ],
)
def test_the_last_day_is_before_the_birthday_that_is_too_old(
    born: date, with_twelve: date, without: date
) -> None:
    assert child_until(born, RULES) == with_twelve
    assert child_until(born, TWELFTH_ENDS) == without


@pytest.mark.parametrize(
    ("born", "day", "state"),
    [
        (date(2013, 9, 2), AUTUMN, "open"),
        (date(2013, 9, 1), AUTUMN, "lapsed"),
        (date(2013, 8, 31), AUTUMN, "lapsed"),
        (date(2014, 9, 1), AUTUMN, "open"),
        (date(2026, 8, 1), AUTUMN, "open"),
    ],
)
def test_the_age_is_that_of_the_day(born: date, day: date, state: str) -> None:
    some = found(day, DIAMOND, children=[child(born)])
    assert [each.state for each in some if each.child_id] == [state]


def test_a_child_that_was_too_old_from_the_first_day_has_nothing() -> None:
    too_old = child(date(2013, 5, 1))
    assert [each for each in found(AUTUMN, DIAMOND, children=[too_old]) if each.child_id] == []
    joined_late = child(date(2013, 7, 1), since=date(2026, 8, 1))
    assert [each for each in found(AUTUMN, DIAMOND, children=[joined_late]) if each.child_id] == []


def test_each_child_has_one_a_year_and_only_by_diamond() -> None:
    two = [child(BORN, 7), child(BORN, 8)]
    assert due(AUTUMN, DIAMOND, children=two)[ITEM] == 2
    assert ITEM not in due(AUTUMN, held("vip", MAY), children=two)
    used = [took(*ITEM, child=7)]
    assert due(AUTUMN, DIAMOND, children=two, taken=used)[ITEM] == 1
    later = due(date(2027, 1, 1), DIAMOND, children=two, taken=used)
    assert later[("child_anti_caries", "2027")] == 2


def test_a_child_brings_nothing_for_years_before_it_joined() -> None:
    years = {each.period for each in found(date(2028, 3, 1), DIAMOND, children=[child(BORN)])}
    assert {"2026", "2027", "2028"} <= years
    late = found(
        date(2028, 3, 1), DIAMOND, children=[child(date(2020, 1, 1), since=date(2028, 2, 1))]
    )
    assert {each.period for each in late if each.child_id} == {"2028"}


@pytest.mark.parametrize("taking", ["used", "claimed"])
def test_what_the_other_diamond_parent_took_is_not_there_for_this_one(taking: str) -> None:
    other = took(*ITEM, taking=taking, child=7, own=False)  # type: ignore[arg-type]
    some = found(AUTUMN, DIAMOND, children=[child(BORN)], taken=[other])
    (item,) = [each for each in some if each.child_id]
    assert item.state == {"used": "used", "claimed": "superseded"}[taking]
    assert "家庭中另一位会员" in item.reason
    assert ITEM not in due(AUTUMN, DIAMOND, children=[child(BORN)], taken=[other])


@pytest.mark.parametrize("taking", ["used", "claimed"])
def test_one_a_household_is_there_for_one_of_the_children(taking: str) -> None:
    two = [child(BORN, 7), child(BORN, 8)]
    level = held("diamond", MAY, ONE_A_HOUSEHOLD)
    some = found(AUTUMN, level, children=two)
    assert counted(some)[ITEM] == 2
    assert due(AUTUMN, level, children=two)[ITEM] == 1
    one = [took(*ITEM, taking=taking, child=8)]  # type: ignore[arg-type]
    states = {
        each.child_id: each.state
        for each in found(AUTUMN, level, children=two, taken=one)
        if each.child_id
    }
    first = {"used": "used", "claimed": "superseded"}[taking]
    assert states == {7: first, 8: taking}


def test_a_child_that_left_keeps_what_it_used_on_record() -> None:
    some = found(AUTUMN, DIAMOND, taken=[took(*ITEM, child=7)])
    assert [(each.child_id, each.state) for each in some if each.child_id] == [(7, "used")]
    card = found(AUTUMN, DIAMOND, taken=[took(*ITEM, taking="claimed", child=7)])
    assert [each.state for each in card if each.child_id] == ["superseded"]


def test_an_upgrade_to_diamond_opens_the_childrens_item_in_full() -> None:
    levels = held("vip", date(2026, 1, 5)), held("diamond", AUTUMN)
    assert due(AUTUMN, *levels, children=[child(BORN)])[ITEM] == 1
