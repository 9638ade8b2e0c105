"""Whether the parts of a scheme agree with each other."""

from collections.abc import Iterator

from scheme.operations.values import wrong
from scheme.rules import TIER_CODES, Rules, TierRule
from staff.exceptions import Refusal


def refuse_contradictions(rules: Rules) -> None:
    """Refuse with 422, naming the first key that contradicts another."""
    for contradiction in _contradictions(rules):
        raise contradiction


def _contradictions(rules: Rules) -> Iterator[Refusal]:
    if not rules.plan_a and not rules.plan_b:
        yield wrong("plan_a、plan_b", "方案A和方案B至少启用一个")
    if rules.plan_b and not rules.catalogue:
        yield wrong("catalogue", "启用方案B时，兑换目录不能空着")
    if rules.redemption_one_time > rules.redemption_cumulative:
        yield wrong("redemption_one_time", "不能高于 redemption_cumulative")
    yield from _tiers(rules)
    yield from _items(rules)
    yield from _gift_bands(rules)


def _tiers(rules: Rules) -> Iterator[Refusal]:
    codes = tuple(tier.code for tier in rules.tiers)
    for code in TIER_CODES:
        if code not in codes:
            yield wrong("tiers", f"缺少级别 {code}")
    if codes != TIER_CODES:
        yield wrong("tiers", f"级别须依次为 {'、'.join(TIER_CODES)}，每个一次")
    for number, tier in enumerate(rules.tiers, 1):
        if tier.one_time > tier.cumulative:
            yield wrong(f"tiers[{number}].one_time", "一次性消费积分不能高于累计积分")
        if number > 1:
            yield from _not_above(f"tiers[{number}]", rules.tiers[number - 2], tier)


def _not_above(key: str, below: TierRule, tier: TierRule) -> Iterator[Refusal]:
    for path in ("one_time", "cumulative"):
        lower, higher = getattr(below, path), getattr(tier, path)
        if higher <= lower:
            yield wrong(f"{key}.{path}", f"{higher} 应高于下一级别（{below.name}）的 {lower}")


def _items(rules: Rules) -> Iterator[Refusal]:
    known = [item.code for item in rules.items]
    yield from _repeated("items", known)
    used: set[str] = set()
    for key, codes in _references(rules):
        yield from _repeated(key, codes)
        for code in codes:
            if code not in known:
                yield wrong(key, f"项目 {code} 不在 items 中")
        used.update(codes)
    for code in known:
        if code not in used:
            yield wrong("items", f"项目 {code} 没有被任何级别、兑换目录或礼品档使用")


def _references(rules: Rules) -> Iterator[tuple[str, list[str]]]:
    for number, tier in enumerate(rules.tiers, 1):
        yield f"tiers[{number}].benefits", [benefit.item for benefit in tier.benefits]
    yield "catalogue", [line.item for line in rules.catalogue]
    yield "gift_bands", [band.item for band in rules.gift_bands]


def _repeated(key: str, codes: list[str]) -> Iterator[Refusal]:
    for code in codes:
        if codes.count(code) > 1:
            yield wrong(key, f"项目 {code} 出现了不止一次")


def _gift_bands(rules: Rules) -> Iterator[Refusal]:
    lower = (0, 0)
    for number, band in enumerate(rules.gift_bands, 1):
        key = f"gift_bands[{number}]"
        if rules.item(band.item).kind != "gift":
            yield wrong(f"{key}.item", f"项目 {band.item} 不是礼品")
        if band.from_yuan <= lower[0] or band.value_yuan <= lower[1]:
            yield wrong(key, "消费金额和礼品金额须逐档升高")
        lower = (band.from_yuan, band.value_yuan)
