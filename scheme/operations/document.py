"""A scheme file (TOML) as Rules: every key is needed, none is unknown, all agree."""

import tomllib
from collections.abc import Iterable
from typing import Any

from scheme import rules
from scheme.operations import values
from scheme.operations.consistency import refuse_contradictions
from staff.exceptions import Refusal

MAX_BYTES = 1_000_000

ITEM = {
    "code": values.code,
    "name": values.text(60),
    "kind": values.one_of(rules.ItemKind),
    "unit": values.text(10),
    "specialty": values.maybe(values.text(20)),
}
BENEFIT = {
    "item": values.code,
    "quantity": values.up_to(100),
    "cycle": values.one_of(rules.Cycle),
    "for_whom": values.one_of(rules.ForWhom),
}
TIER = {
    "code": values.code,
    "name": values.text(20),
    "one_time": values.whole,
    "cumulative": values.whole,
    "reception": values.lines,
    "benefits": values.tables(BENEFIT),
}
DOCUMENT = {
    "title": values.text(100),
    "effective_from": values.day,
    "plan_a": values.yes_no,
    "plan_b": values.yes_no,
    "start_on": values.day,
    "points_per_yuan": values.up_to(1000),
    "one_time_scope": values.one_of(rules.OneTimeScope),
    "enrol_rule": values.one_of(rules.EnrolRule),
    "legacy_min_points": values.whole,
    "legacy_counts_as_available": values.yes_no,
    "grant_skipped": values.yes_no,
    "cleaning_cycle_months": values.months_or("by_quota"),
    "once_only_valid_months": values.months_or("never"),
    "redeemed_valid_months": values.months_or("never"),
    "child_age_limit": values.up_to(17),
    "child_birthday_ends": values.yes_no,
    "child_item_scope": values.one_of(rules.ChildItemScope),
    "cost_bearer": values.one_of(rules.CostBearer),
    "price_basis": values.one_of(rules.PriceBasis),
    "redemption_start": values.one_of(rules.RedemptionStart),
    "redemption_one_time": values.whole,
    "redemption_cumulative": values.whole,
    "card_rule": values.one_of(rules.CardRule),
    "service_delivery": values.one_of(rules.ServiceDelivery),
    "general_benefits": values.lines,
    "items": values.tables(ITEM),
    "tiers": values.tables(TIER),
    "catalogue": values.tables({"item": values.code, "points": values.whole}),
    "gift_bands": values.tables(
        {"item": values.code, "from_yuan": values.whole, "value_yuan": values.whole}
    ),
}


def rules_in(document: bytes | str) -> rules.Rules:
    """The rules that a scheme file holds; refuses with 422, naming the key at fault."""
    found = values.table("", _parsed(_decoded(document)), DOCUMENT)
    read = rules.Rules(
        version_id=None,
        **found
        | {
            "items": _items(found["items"]),
            "tiers": tuple(_tier(rank, row) for rank, row in enumerate(found["tiers"], 1)),
            "catalogue": tuple(rules.CatalogueItem(**row) for row in found["catalogue"]),
            "gift_bands": tuple(rules.GiftBand(**row) for row in found["gift_bands"]),
        },
    )
    refuse_contradictions(read)
    return read


def _decoded(document: bytes | str) -> str:
    if len(document) > MAX_BYTES:
        raise Refusal("scheme_file_too_large", 422, "规则文件超过 1 MB，这不是规则文件")
    if isinstance(document, str):
        return document
    try:
        return document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("scheme_file_unreadable", 422, "规则文件不是 UTF-8 编码的文本") from error


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # The parser speaks English; its place in the file is what helps.
        place = str(error).rpartition("(")[2].rstrip(")") if "(at " in str(error) else ""
        where = f"（{_in_chinese(place)}）" if place else ""
        sentence = f"规则文件不是有效的 TOML 格式{where}，请检查引号、括号和等号"
        raise Refusal("scheme_file_unreadable", 422, sentence) from error


def _in_chinese(place: str) -> str:
    numbers = [word.strip(",") for word in place.split() if word.strip(",").isdigit()]
    return f"第 {numbers[0]} 行第 {numbers[1]} 列" if len(numbers) == 2 else "文件末尾"


def _items(rows: Iterable[dict[str, Any]]) -> tuple[rules.Item, ...]:
    return tuple(sorted((rules.Item(**row) for row in rows), key=lambda item: item.code))


def _tier(rank: int, row: dict[str, Any]) -> rules.TierRule:
    benefits = tuple(rules.Benefit(**benefit) for benefit in row["benefits"])
    return rules.TierRule(**row | {"rank": rank, "benefits": benefits})
