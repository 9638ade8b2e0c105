"""A version of the rules as single statements, in the words of the rules page."""

from collections.abc import Iterator
from dataclasses import dataclass

from scheme.models.scheme import COST_BEARERS, PRICE_BASES
from scheme.rules import Benefit, Rules, TierRule


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a version says, the same `key` in every version."""

    chapter: str
    key: str
    label: str
    text: str


def statements(rules: Rules) -> Iterator[Statement]:
    """Everything that a version says but the day from which it does, chapter by chapter."""
    chapters = {
        "方案": _plans(rules),
        "怎样入会": _joining(rules),
        "怎样积分": _points(rules),
        "会员级别": _levels(rules),
        "礼品和服务的使用": _services(rules),
        "积分兑换（方案B）": _redemption(rules),
        "礼品购买标准": _gift_bands(rules),
        "费用": _costs(rules),
        "所有会员": ((line, "待遇", line) for line in rules.general_benefits),
    }
    for chapter, lines in chapters.items():
        for key, label, text in lines:
            yield Statement(chapter, key, label, text)


Lines = Iterator[tuple[str, str, str]]


def _plans(rules: Rules) -> Lines:
    yield "title", "名称", rules.title
    yield "plan_a", "方案A（会员待遇）", "实行" if rules.plan_a else "不实行"
    yield "plan_b", "方案B（积分兑换）", "实行" if rules.plan_b else "不实行"


def _joining(rules: Rules) -> Lines:
    lowest = rules.tiers[0]
    text = (
        f"一次性消费达 {lowest.one_time:,} 分及以上，"
        f"或累计积分达到 {lowest.cumulative:,} 分及以上，可办理入会。"
    )
    if rules.enrol_rule == "everyone":
        text = "凡到我院就诊的患者，经本人同意，即可办理入会。"
    yield "enrol_rule", "入会条件", text
    cards = {
        "all": "所有会员发放会员卡；遗失后凭有效证件挂失补办。",
        "from_vip": "达到 VIP 及以上级别发放会员卡；其他会员为电子会员，凭有效证件使用。",
        "none": "所有会员均为电子会员，不发放实体卡，凭有效证件使用。",
    }
    yield "card_rule", "会员卡", cards[rules.card_rule]


def _points(rules: Rules) -> Lines:
    rate = f"在医院每消费一元记 {rules.points_per_yuan} 分"
    yield "points_per_yuan", "每元积分", rate
    yield "start_on", "起始日期", f"自 {rules.start_on} 起的收费计分"
    day = "“一次性消费”指本人同一天在医院的收费合计。"
    receipt = "“一次性消费”指本人一张收据的金额。"
    yield "one_time_scope", "一次性消费", day if rules.one_time_scope == "day" else receipt
    kept = "" if rules.legacy_counts_as_available else "，不能用于兑换"
    legacy = (
        f"积分达到 {rules.legacy_min_points:,} 分及以上的，可以成为会员，原积分计入累计积分{kept}。"
    )
    yield "legacy", "原系统的积分", legacy


def _levels(rules: Rules) -> Lines:
    for tier in rules.tiers:
        yield f"{tier.code}.name", f"第 {tier.rank} 级", tier.name
        paths = f"一次性消费满 {tier.one_time:,} 分 或累计达 {tier.cumulative:,} 分"
        yield f"{tier.code}.paths", f"{tier.name}：积分", paths
        for benefit in tier.benefits:
            yield f"{tier.code}.{benefit.item}", f"{tier.name}：赠送", _brings(rules, benefit)
        yield from _reception(tier)


def _brings(rules: Rules, benefit: Benefit) -> str:
    item = rules.item(benefit.item)
    child = f"家中{_children(rules)}的儿童，" if benefit.for_whom == "household_child" else ""
    yearly = "每年：" if benefit.cycle == "yearly" else ""
    return f"{child}{yearly}{item.name} {benefit.quantity} {item.unit}"


def _children(rules: Rules) -> str:
    age = rules.child_age_limit
    return f"未满 {age} 周岁" if rules.child_birthday_ends else f" {age} 岁以下（含 {age} 岁）"


def _reception(tier: TierRule) -> Lines:
    for line in tier.reception:
        yield f"{tier.code}.reception.{line}", f"{tier.name}：接待", line


def _services(rules: Rules) -> Lines:
    months = rules.once_only_valid_months
    valid = f"，自达到级别之日起 {months} 个月内有效。" if months else "没有截止日期。"
    yield "once_only_valid_months", "一次性项目", f"一次性的礼品和服务{valid}"
    reached = "越级升级时，赠送所达级别的礼品和一次性服务。"
    skipped = "越级升级时，越过级别的礼品和一次性服务一并赠送。"
    yield "grant_skipped", "越级升级", skipped if rules.grant_skipped else reached
    cycle = rules.cleaning_cycle_months
    by_quota = "12 个月除以每年次数"
    yield "cleaning_cycle_months", "洁牙周期", f"每 {cycle} 个月一次" if cycle else by_quota
    yield "child_age", "儿童年龄", _children(rules).strip()
    each = "每个孩子" if rules.child_item_scope == "per_child" else "每个家庭"
    yield "child_item_scope", "儿童项目", f"儿童项目{each}每年一份。"
    electronic = "院内服务不发放实体卡片，直接到医院使用，由工作人员在电子档案中登记。"
    card = "院内服务领取服务项目卡片，在规定时间内持卡到医院使用。"
    delivery = card if rules.service_delivery == "card" else electronic
    yield "service_delivery", "领取方式", delivery


def _redemption(rules: Rules) -> Lines:
    unlock = (
        f"一次性消费满 {rules.redemption_one_time:,} 分"
        f"或累计积分达到 {rules.redemption_cumulative:,} 分的会员，可以兑换。"
    )
    yield "unlock", "兑换点", unlock
    zero = "可用积分自方案B启用之日起从零开始累积。"
    total = "可用积分从方案B启用时的累计积分开始。"
    yield "redemption_start", "可用积分", zero if rules.redemption_start == "zero" else total
    months = rules.redeemed_valid_months
    valid = f"兑换的服务 {months} 个月内有效。" if months else "兑换的服务没有截止日期。"
    yield "redeemed_valid_months", "有效期", valid
    for line in rules.catalogue:
        item = rules.item(line.item)
        yield line.item, item.name, f"{line.points:,} 分/{item.unit}"


def _gift_bands(rules: Rules) -> Lines:
    for band in rules.gift_bands:
        text = f"消费满 {band.from_yuan:,} 元，礼品金额 {band.value_yuan:,} 元"
        yield band.item, rules.item(band.item).name, text


def _costs(rules: Rules) -> Lines:
    yield "cost_bearer", "服务费用", f"由{dict(COST_BEARERS)[rules.cost_bearer]}承担"
    yield "price_basis", "核算依据", f"按{dict(PRICE_BASES)[rules.price_basis]}"
