from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from scheme.models.checks import at_least_one, known
from scheme.models.item import Item
from scheme.models.scheme import Scheme
from scheme.rules import TIER_CODES

CYCLES = [("once", "一次"), ("yearly", "每年")]
FOR_WHOM = [("member", "会员本人"), ("household_child", "会员家中儿童")]


class TierRule(models.Model):
    """A level in one version: the points that reach it and the reception it brings."""

    scheme = models.ForeignKey(
        Scheme, models.CASCADE, related_name="tiers", verbose_name="规则版本"
    )
    code = models.CharField("代码", max_length=10)
    name = models.CharField("级别", max_length=20)
    rank = models.PositiveSmallIntegerField("顺序")
    one_time = models.PositiveIntegerField("一次性消费积分")
    cumulative = models.PositiveIntegerField("累计积分")
    reception = ArrayField(
        models.CharField(max_length=200), verbose_name="接待", default=list, blank=True
    )

    class Meta:
        verbose_name = "级别"
        verbose_name_plural = "级别"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="scheme_tier_code_unique",
                fields=["scheme", "code"],
                violation_error_message="同一版本中一个级别只能出现一次",
            ),
            models.UniqueConstraint(
                name="scheme_tier_rank_unique",
                fields=["scheme", "rank"],
                violation_error_message="同一版本中级别的顺序不能重复",
            ),
            models.CheckConstraint(
                name="scheme_tier_code_known",
                condition=Q(code__in=TIER_CODES),
                violation_error_message="级别代码只能是 ordinary、senior、vip、diamond",
            ),
            models.CheckConstraint(
                name="scheme_tier_paths_ordered",
                condition=Q(one_time__lte=F("cumulative")),
                violation_error_message="一次性消费积分不能高于累计积分",
            ),
            at_least_one("scheme_tier_positive", "级别的顺序和积分须为正整数", "rank", "one_time"),
        ]

    def __str__(self) -> str:
        return self.name


class TierBenefit(models.Model):
    """What reaching a level brings: an item, how many, once or each year, for whom."""

    tier = models.ForeignKey(TierRule, models.CASCADE, related_name="benefits", verbose_name="级别")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="项目")
    quantity = models.PositiveSmallIntegerField("数量")
    cycle = models.CharField("周期", max_length=10, choices=CYCLES)
    for_whom = models.CharField("受益人", max_length=20, choices=FOR_WHOM)

    class Meta:
        verbose_name = "级别待遇"
        verbose_name_plural = "级别待遇"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="scheme_benefit_once_per_tier",
                fields=["tier", "item"],
                violation_error_message="同一级别中一个项目只能出现一次",
            ),
            at_least_one("scheme_benefit_quantity_positive", "待遇的数量至少为1", "quantity"),
            known("scheme_benefit_cycle_known", "cycle", CYCLES),
            known("scheme_benefit_for_whom_known", "for_whom", FOR_WHOM),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.quantity}"
