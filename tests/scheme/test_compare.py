import re
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from scheme.queries import rules_of
from scheme.queries.compare import Comparison, compare
from scheme.queries.words import statements
from scheme.rules import Benefit, CatalogueItem, GiftBand, Item, Rules
from staff import roles
from tests.desk.words import squeezed
from tests.factories.scheme import published, rules
from tests.factories.staff import user

OTHER: dict[str, Any] = {
    "title": "另一个名称",
    "plan_a": False,
    "plan_b": True,
    "start_on": date(2014, 1, 1),
    "points_per_yuan": 2,
    "one_time_scope": "receipt",
    "enrol_rule": "everyone",
    "legacy_min_points": 30000,
    "legacy_counts_as_available": True,
    "grant_skipped": True,
    "cleaning_cycle_months": 4,
    "once_only_valid_months": 24,
    "redeemed_valid_months": 12,
    "child_age_limit": 14,
    "child_birthday_ends": True,
    "child_item_scope": "per_household",
    "cost_bearer": "doctor",
    "price_basis": "cost",
    "redemption_start": "cumulative",
    "redemption_one_time": 1100,
    "redemption_cumulative": 2100,
    "card_rule": "all",
    "service_delivery": "card",
    "general_benefits": ("只有这一条",),
    "tiers": (),
    "catalogue": (CatalogueItem("gift_10", 900),),
    "gift_bands": (GiftBand("gift_10", 900, 10),),
}


def shown(found: Comparison) -> list[tuple[str, str, str, str]]:
    """What differs: what happened, to what, from what to what."""
    return [
        (line.word, line.label, line.before, line.after)
        for chapter in found.changed
        for line in chapter.differences
    ]


def test_the_same_rules_differ_in_nothing() -> None:
    found = compare(rules(), rules())
    assert found.count == 0 and found.changed == ()
    assert len(found.chapters) == 9


def with_tier(base: Rules, rank: int, **changes: Any) -> Rules:
    tiers = (replace(t, **changes) if t.rank == rank else t for t in base.tiers)
    return replace(base, tiers=tuple(tiers))


@pytest.mark.parametrize(
    "name",
    [f.name for f in fields(Rules) if f.name not in ("version_id", "effective_from", "items")],
)
def test_every_setting_that_changes_is_seen(name: str) -> None:
    base = rules()
    changed = {"tiers": with_tier(base, 2, name="银卡会员").tiers}.get(name, OTHER[name])
    assert compare(base, replace(base, **{name: changed})).count >= 1


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"one_time": 12000},
            (
                "有改动",
                "VIP会员：积分",
                "一次性消费满 10,000 分 或累计达 15,000 分",
                "一次性消费满 12,000 分 或累计达 15,000 分",
            ),
        ),
        (
            {"reception": ("专人引导",)},
            ("新增", "VIP会员：接待", "", "专人引导"),
        ),
        (
            {"benefits": (Benefit("ultrasonic_scaling", 3, "yearly", "member"),)},
            (
                "有改动",
                "VIP会员：赠送",
                "每年：超声波洁牙（带抛光脱敏） 2 次",
                "每年：超声波洁牙（带抛光脱敏） 3 次",
            ),
        ),
        (
            {"benefits": ()},
            ("取消", "VIP会员：赠送", "口腔保健礼品（100元） 1 份", ""),
        ),
    ],
)
def test_levels_are_compared_thing_by_thing(
    changes: dict[str, Any], line: tuple[str, str, str, str]
) -> None:
    base = rules()
    assert line in shown(compare(base, with_tier(base, 3, **changes)))


def test_what_is_new_and_what_is_gone_stands_in_its_place() -> None:
    base = rules()
    item = Item("floss", "牙线", "gift", "份", "")
    bands = (*base.gift_bands[1:], GiftBand("floss", 90000, 900))
    catalogue = (*base.catalogue[1:], CatalogueItem("floss", 500))
    later = replace(
        base, items=(*base.items, item), gift_bands=bands, catalogue=catalogue, general_benefits=()
    )
    found = compare(base, later)
    titles = [chapter.title for chapter in found.chapters]
    assert titles == list(dict.fromkeys(titles)) and titles[-1] == "所有会员"
    assert ("新增", "牙线", "", "500 分/份") in shown(found)
    assert ("取消", "口腔保健礼品（10元）", "1,000 分/份", "") in shown(found)


@pytest.mark.django_db
@pytest.mark.parametrize("changed", [False, True])
def test_the_words_are_those_of_the_rules_page(client: Client, changed: bool) -> None:
    values = {
        "one_time_scope": '"receipt"',
        "enrol_rule": '"everyone"',
        "legacy_counts_as_available": "true",
        "grant_skipped": "true",
        "once_only_valid_months": "24",
        "redeemed_valid_months": "12",
        "child_birthday_ends": "true",
        "child_item_scope": '"per_household"',
        "redemption_start": '"cumulative"',
        "card_rule": '"all"',
        "service_delivery": '"card"',
    }
    scheme = published("qujing_dental_both", **(values if changed else {}))
    client.force_login(user(roles.FRONT_DESK), backend="staff.backends.RoleBackend")
    page = squeezed(client.get(reverse("scheme:version", args=[scheme.pk])))
    own = {"plan_a", "plan_b", "cleaning_cycle_months", "cost_bearer", "price_basis"}
    for said in statements(rules_of(scheme.pk)):
        if said.key not in own and said.chapter != "礼品购买标准":
            assert re.sub(r"\s", "", said.text) in page, said
