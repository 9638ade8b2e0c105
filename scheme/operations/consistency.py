"""Whether the parts of a scheme agree with each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from scheme.operations.values import wrong
from scheme.rules import TIER_CODES, Rules, TierRule
from staff.exceptions import Refusal


@dataclass(frozen=True, slots=True)
class Fault:
    """A contradiction: the key at fault, the sentence for a file and, if it differs, for a page."""

    key: str
    sentence: str
    on_page: str = ""

    @property
    def words(self) -> str:
        """The sentence for people who have never seen the file."""
        return self.on_page or self.sentence


def refuse_contradictions(rules: Rules) -> None:
    """Refuse a file with 422, naming the first key that contradicts another."""
    for fault in faults(rules):
        raise wrong(fault.key, fault.sentence)


def refuse_faults(rules: Rules) -> None:
    """Refuse a draft with 422; all that contradicts stands in `extra`, as key and sentence."""
    found = [(fault.key, fault.words) for fault in faults(rules)]
    if found:
        key, sentence = found[0]
        raise Refusal("scheme_contradicts", 422, sentence, key, {"faults": found})


def faults(rules: Rules) -> Iterator[Fault]:
    """Everything in which these rules contradict themselves."""
    if not rules.plan_a and not rules.plan_b:
        yield Fault("plan_a、plan_b", "方案A和方案B至少启用一个")
    if rules.plan_b and not rules.catalogue:
        sentence = "启用方案B时，兑换目录不能空着"
        yield Fault("catalogue", sentence, f"{sentence}，请先填写兑换目录")
    if rules.redemption_one_time > rules.redemption_cumulative:
        on_page = "一次性消费积分不能高于累计积分"
        yield Fault("redemption_one_time", "不能高于 redemption_cumulative", on_page)
    yield from _tiers(rules)
    yield from _items(rules)
    yield from _gift_bands(rules)


def _tiers(rules: Rules) -> Iterator[Fault]:
    codes = tuple(tier.code for tier in rules.tiers)
    for code in TIER_CODES:
        if code not in codes:
            yield Fault("tiers", f"缺少级别 {code}")
    if codes != TIER_CODES:
        yield Fault("tiers", f"级别须依次为 {'、'.join(TIER_CODES)}，每个一次")
    for number, tier in enumerate(rules.tiers, 1):
        if tier.one_time > tier.cumulative:
            yield Fault(f"tiers[{number}].one_time", "一次性消费积分不能高于累计积分")
        if number > 1:
            yield from _not_above(f"tiers[{number}]", rules.tiers[number - 2], tier)


def _not_above(key: str, below: TierRule, tier: TierRule) -> Iterator[Fault]:
    for path in ("one_time", "cumulative"):
        lower, higher = getattr(below, path), getattr(tier, path)
        if higher <= lower:
            yield Fault(f"{key}.{path}", f"{higher} 应高于下一级别（{below.name}）的 {lower}")


def _items(rules: Rules) -> Iterator[Fault]:
    known = [item.code for item in rules.items]
    yield from _repeated(rules, "items", known)
    used: set[str] = set()
    for key, codes in _references(rules):
        yield from _repeated(rules, key, codes)
        for code in codes:
            if code not in known:
                yield Fault(key, f"项目 {code} 不在 items 中")
        used.update(codes)
    for code in known:
        if code not in used:
            yield Fault("items", f"项目 {code} 没有被任何级别、兑换目录或礼品档使用")


def _references(rules: Rules) -> Iterator[tuple[str, list[str]]]:
    for number, tier in enumerate(rules.tiers, 1):
        yield f"tiers[{number}].benefits", [benefit.item for benefit in tier.benefits]
    yield "catalogue", [line.item for line in rules.catalogue]
    yield "gift_bands", [band.item for band in rules.gift_bands]


def _repeated(rules: Rules, key: str, codes: list[str]) -> Iterator[Fault]:
    for number, code in enumerate(codes, 1):
        if code in codes[: number - 1]:
            on_page = f"{_named(rules, code)}出现了不止一次"
            yield Fault(f"{key}[{number}]", f"项目 {code} 出现了不止一次", on_page)


def _gift_bands(rules: Rules) -> Iterator[Fault]:
    lower = (0, 0)
    for number, band in enumerate(rules.gift_bands, 1):
        key = f"gift_bands[{number}]"
        if rules.item(band.item).kind != "gift":
            on_page = f"{_named(rules, band.item)}不是礼品"
            yield Fault(f"{key}.item", f"项目 {band.item} 不是礼品", on_page)
        if band.from_yuan <= lower[0] or band.value_yuan <= lower[1]:
            yield Fault(key, "消费金额和礼品金额须逐档升高")
        lower = (band.from_yuan, band.value_yuan)


def _named(rules: Rules, code: str) -> str:
    """The item as people know it; a file may name one that it does not have."""
    return next((f"“{item.name}”" for item in rules.items if item.code == code), code)
