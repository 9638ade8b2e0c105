from datetime import date

import pytest

from scheme import rules as decide
from tests.factories.scheme import document, rules

BOUNDARIES = [
    (999, 1999, None),
    (1000, 2000, "ordinary"),
    (4999, 7999, "ordinary"),
    (5000, 8000, "senior"),
    (9999, 14999, "senior"),
    (10000, 15000, "vip"),
    (19999, 24999, "vip"),
    (20000, 25000, "diamond"),
]


@pytest.mark.parametrize(("one_time", "_", "tier"), BOUNDARIES)
def test_r12_to_r15_level_by_a_single_payment(one_time: int, _: int, tier: str | None) -> None:
    found = decide.reached(rules(), one_time=one_time, cumulative=0)
    assert (found and (found.tier.code, found.path)) == (tier and (tier, "one_time"))


@pytest.mark.parametrize(("_", "cumulative", "tier"), BOUNDARIES)
def test_r12_to_r15_level_by_the_total(_: int, cumulative: int, tier: str | None) -> None:
    found = decide.reached(rules(), one_time=0, cumulative=cumulative)
    assert (found and (found.tier.code, found.path)) == (tier and (tier, "cumulative"))


@pytest.mark.parametrize(
    ("one_time", "cumulative", "tier", "path"),
    [
        (1000, 15000, "vip", "cumulative"),
        (10000, 10000, "vip", "one_time"),
        (10000, 15000, "vip", "one_time"),
        (10000, 25000, "diamond", "cumulative"),
    ],
)
def test_the_path_that_leads_higher_is_named(
    one_time: int, cumulative: int, tier: str, path: str
) -> None:
    found = decide.reached(rules(), one_time=one_time, cumulative=cumulative)
    assert found is not None
    assert (found.tier.code, found.path) == (tier, path)


def test_tier_for_is_the_level_reached() -> None:
    tier = decide.tier_for(rules(), one_time=5000, cumulative=5000)
    assert tier is not None and tier.name == "高级会员"
    assert decide.tier_for(rules(), one_time=999, cumulative=1999) is None


@pytest.mark.parametrize(
    ("one_time", "cumulative", "allowed"),
    [(999, 1999, False), (1000, 1000, True), (0, 2000, True)],
)
def test_r26_joining_needs_the_lowest_levels_points(
    one_time: int, cumulative: int, allowed: bool
) -> None:
    assert decide.can_enrol(rules(), one_time=one_time, cumulative=cumulative) is allowed


def test_c1_everyone_may_join_where_the_hospital_says_so() -> None:
    everyone = rules(enrol_rule="everyone")
    assert decide.can_enrol(everyone, one_time=0, cumulative=0)
    assert decide.missing_to_enrol(everyone, today=0, cumulative=0) == 0


@pytest.mark.parametrize(
    ("today", "cumulative", "missing"),
    [(0, 0, 1000), (400, 400, 600), (0, 1999, 1), (999, 999, 1), (0, 1200, 800), (0, 2000, 0)],
)
def test_r26_missing_points_are_the_shorter_way(today: int, cumulative: int, missing: int) -> None:
    assert decide.missing_to_enrol(rules(), today=today, cumulative=cumulative) == missing


def test_missing_to_the_next_level_is_told_for_both_paths() -> None:
    missing = decide.missing_to_next(rules(), "ordinary", today=1000, cumulative=7500)
    assert missing is not None
    assert (missing.tier.code, missing.one_time, missing.cumulative) == ("senior", 4000, 500)
    assert missing.least == 500


def test_the_next_level_of_nobody_is_the_lowest_and_diamond_has_none() -> None:
    lowest = decide.missing_to_next(rules(), None, today=0, cumulative=0)
    assert lowest is not None and lowest.tier.code == "ordinary"
    assert decide.missing_to_next(rules(), "diamond", today=0, cumulative=0) is None


def test_r13_to_r15_what_each_level_brings() -> None:
    brought = {
        tier.code: [(b.item, b.quantity, b.cycle, b.for_whom) for b in tier.benefits]
        for tier in rules().tiers
    }
    assert brought == {
        "ordinary": [("gift_10", 1, "once", "member")],
        "senior": [
            ("ultrasonic_scaling", 1, "yearly", "member"),
            ("gift_50", 1, "once", "member"),
            ("facial_care", 1, "once", "member"),
        ],
        "vip": [
            ("ultrasonic_scaling", 2, "yearly", "member"),
            ("gift_100", 1, "once", "member"),
            ("facial_care", 1, "once", "member"),
            ("herbal_therapy", 1, "once", "member"),
        ],
        "diamond": [
            ("air_polishing", 2, "yearly", "member"),
            ("child_anti_caries", 1, "yearly", "household_child"),
            ("facial_care", 1, "yearly", "member"),
            ("herbal_therapy", 1, "yearly", "member"),
            ("gift_200", 1, "once", "member"),
        ],
    }


def test_r23_and_c7_prices_of_plan_b() -> None:
    assert {line.item: line.points for line in rules().catalogue} == {
        "gift_10": 1000,
        "gift_50": 5000,
        "gift_100": 10000,
        "gift_200": 20000,
        "ultrasonic_scaling": 5000,
        "air_polishing": 6000,
        "fluoride_varnish": 2000,
        "fissure_sealant": 2000,
        "facial_care": 3000,
        "herbal_therapy": 5000,
    }


def test_r45_gifts_are_bought_in_four_bands() -> None:
    bands = [(band.item, band.from_yuan, band.value_yuan) for band in rules().gift_bands]
    assert bands == [
        ("gift_10", 1000, 10),
        ("gift_50", 5000, 50),
        ("gift_100", 10000, 100),
        ("gift_200", 20000, 200),
    ]


def test_the_shipped_settings_are_the_decided_ones() -> None:
    shipped = rules()
    assert (shipped.plan_a, shipped.plan_b, shipped.points_per_yuan) == (True, False, 1)
    assert (shipped.one_time_scope, shipped.enrol_rule) == ("day", "threshold")
    assert shipped.effective_from == shipped.start_on == date(2013, 10, 1)
    assert (shipped.legacy_min_points, shipped.legacy_counts_as_available) == (20000, False)
    assert (shipped.redemption_one_time, shipped.redemption_cumulative) == (1000, 2000)
    assert (shipped.cost_bearer, shipped.redemption_start) == ("marketing", "zero")
    assert shipped.once_only_valid_months is shipped.redeemed_valid_months is None


def test_the_three_shipped_files_differ_in_nothing_but_the_plans() -> None:
    def without_head(name: str) -> str:
        lines = document(name).split("\n")
        return "\n".join(lines[lines.index("# 积分与入会") :])

    for name in ("qujing_dental_b", "qujing_dental_both"):
        assert without_head(name) == without_head("qujing_dental")


def test_the_same_rules_have_the_same_text_whatever_row_they_came_from() -> None:
    assert decide.canonical_text(rules(version_id=7)) == decide.canonical_text(rules())
    assert decide.canonical_text(rules(plan_b=True)) != decide.canonical_text(rules())


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        rules().tier("platinum")
    with pytest.raises(KeyError):
        rules().item("toothbrush")


@pytest.mark.parametrize(
    ("setting", "due"),
    [
        ("none", []),
        ("from_vip", ["vip", "diamond"]),
        ("all", [None, "ordinary", "senior", "vip", "diamond"]),
    ],
)
def test_c21_who_gets_a_physical_card(setting: str, due: list[str | None]) -> None:
    levels = [None, "ordinary", "senior", "vip", "diamond"]
    assert [level for level in levels if decide.card_due(rules(card_rule=setting), level)] == due
