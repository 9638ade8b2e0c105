from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from scheme.forms.drafts import DraftForm
from scheme.forms.fields import (
    ChosenField,
    DayField,
    LineField,
    LinesField,
    WholeField,
    YesField,
)
from scheme.models import scheme as choices

MONTHS_HELP = "空着表示长期有效。"
GROUPS = {
    "名称和生效日期": ("title", "effective_from"),
    "实行哪个方案": ("plan_a", "plan_b"),
    "入会和积分": (
        "enrol_rule",
        "points_per_yuan",
        "one_time_scope",
        "start_on",
        "legacy_min_points",
        "legacy_counts_as_available",
    ),
    "会员卡和礼品、服务的使用": (
        "card_rule",
        "service_delivery",
        "grant_skipped",
        "once_only_valid_months",
        "cleaning_cycle_months",
        "child_age_limit",
        "child_birthday_ends",
        "child_item_scope",
    ),
    "积分兑换（方案B）": (
        "redemption_one_time",
        "redemption_cumulative",
        "redemption_start",
        "redeemed_valid_months",
    ),
    "费用": ("cost_bearer", "price_basis"),
    "所有会员": ("general_benefits",),
}


class SettingsForm(DraftForm):
    """The switches and settings of a draft: everything but levels, catalogue and gifts."""

    first_field = "title"

    title = LineField(label="名称", longest=100)
    effective_from = DayField(label="生效日期", help_text="不能早于今天。")
    plan_a = forms.BooleanField(label="方案A（会员待遇）：级别带来礼品和服务", required=False)
    plan_b = forms.BooleanField(label="方案B（积分兑换）：用可用积分兑换", required=False)
    enrol_rule = ChosenField(label="谁可以入会", choices=choices.ENROL_RULES)
    points_per_yuan = WholeField(label="每消费一元记几分", most=1000)
    one_time_scope = ChosenField(label="“一次性消费”指", choices=choices.ONE_TIME_SCOPES)
    start_on = DayField(label="积分起始日期", help_text="从这一天起的收费计分。")
    legacy_min_points = WholeField(label="原系统积分满多少分可以成为会员")
    legacy_counts_as_available = YesField(
        label="原系统的积分", no="只计入累计积分", yes="也可以用于兑换"
    )
    card_rule = ChosenField(label="实体会员卡发给", choices=choices.CARD_RULES)
    service_delivery = ChosenField(label="服务的领取方式", choices=choices.SERVICE_DELIVERIES)
    grant_skipped = YesField(
        label="越级升级时赠送", no="所达级别的礼品和一次性服务", yes="越过的级别的也一并赠送"
    )
    once_only_valid_months = WholeField(
        label="一次性项目有效期（月）", most=1200, required=False, help_text=MONTHS_HELP
    )
    cleaning_cycle_months = WholeField(
        label="洁牙周期（月）",
        most=1200,
        required=False,
        help_text="空着表示 12 个月除以每年次数。",
    )
    child_age_limit = WholeField(label="儿童年龄上限（周岁）", most=17)
    child_birthday_ends = YesField(
        label="满上限年龄的孩子", no="满上限的这一岁仍可享受", yes="生日当天起不再享受"
    )
    child_item_scope = ChosenField(label="儿童项目", choices=choices.CHILD_ITEM_SCOPES)
    redemption_one_time = WholeField(label="兑换点：一次性消费积分")
    redemption_cumulative = WholeField(label="兑换点：累计积分")
    redemption_start = ChosenField(label="可用积分", choices=choices.REDEMPTION_STARTS)
    redeemed_valid_months = WholeField(
        label="兑换的服务有效期（月）", most=1200, required=False, help_text=MONTHS_HELP
    )
    cost_bearer = ChosenField(label="服务费用由谁承担", choices=choices.COST_BEARERS)
    price_basis = ChosenField(label="费用按什么核算", choices=choices.PRICE_BASES)
    general_benefits = LinesField(label="所有会员的待遇", help_text="一行写一条。", rows=8)

    def groups(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The fields under the headings of the page."""
        for title, names in GROUPS.items():
            yield title, [self[name] for name in names]

    def changes(self) -> Mapping[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    def field_of(self, key: str) -> str | None:
        # What is missing in the catalogue comes of switching plan B on here.
        return {"plan_a、plan_b": "plan_a", "catalogue": "plan_b"}.get(key, key)
