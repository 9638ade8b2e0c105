"""What members have while versions of the scheme come and go (C3, C10)."""

from dataclasses import replace
from datetime import date

from rewards.rules import Version
from tests.rewards.given import RULES, SINCE_2013, counted, due, found, held, took, with_settings

MAY = date(2026, 5, 1)
AUTUMN = date(2026, 9, 1)
OFF = with_settings(plan_a=False)


def test_while_the_scheme_in_force_has_no_plan_a_everything_open_is_held() -> None:
    """C3; a printed card stays good."""
    versions = [*SINCE_2013, Version(AUTUMN, OFF)]
    card = [took("herbal_therapy", "once:vip", taking="claimed")]
    before, after = (
        found(day, held("vip", MAY), taken=card, versions=versions)
        for day in (date(2026, 8, 31), AUTUMN)
    )
    assert "held" not in {each.state for each in before}
    assert counted(after) == {}
    assert sum(counted(after, "held").values()) == sum(counted(before).values())
    assert counted(after, "claimed") == {("herbal_therapy", "once:vip"): 1}
    assert due(AUTUMN, held("vip", MAY), versions=[]) == {}


def test_a_level_reached_while_plan_a_was_off_brings_no_gift_but_later_services() -> None:
    versions = [Version(date(2013, 10, 1), OFF), Version(AUTUMN, RULES)]
    level = held("vip", MAY, OFF)
    assert found(date(2026, 8, 31), level, versions=versions) == ()
    assert due(AUTUMN, level, versions=versions) == {("ultrasonic_scaling", "2026"): 2}


def test_a_new_version_changes_the_yearly_services_from_the_next_year() -> None:
    """C10: the year in full as it began; an upgrade follows the version of its day."""
    more = tuple(
        replace(tier, benefits=tuple(replace(one, quantity=5) for one in tier.benefits))
        for tier in RULES.tiers
    )
    richer = with_settings(tiers=more)
    versions = [*SINCE_2013, Version(date(2026, 7, 1), richer)]
    service = ("ultrasonic_scaling", "2026")
    assert due(AUTUMN, held("senior", MAY), versions=versions)[service] == 1
    levels = held("senior", MAY), held("vip", AUTUMN, richer)
    assert due(AUTUMN, *levels, versions=versions)[service] == 5
    next_year = due(date(2027, 1, 1), held("senior", MAY), versions=versions)
    assert next_year[("ultrasonic_scaling", "2027")] == 5
    assert next_year[("gift_50", "once:senior")] == 1
