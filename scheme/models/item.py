from typing import ClassVar

from django.db import models
from django.db.models import Q

from scheme.models.checks import known
from staff.models import User

KINDS = [("gift", "礼品"), ("service", "院内服务")]


class Item(models.Model):
    """A gift or a service, the same in all versions; only its prices may change later."""

    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("种类", max_length=10, choices=KINDS)
    unit = models.CharField("单位", max_length=10)
    specialty = models.CharField("专科", max_length=20, blank=True)
    list_price = models.DecimalField(
        "价目表价格（元）", max_digits=10, decimal_places=2, null=True, blank=True
    )
    cost_price = models.DecimalField(
        "成本（元）", max_digits=10, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = "项目"
        verbose_name_plural = "项目"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="scheme_item_code_unique",
                fields=["code"],
                violation_error_message="已有相同代码的项目",
            ),
            models.CheckConstraint(
                name="scheme_item_code_plain",
                condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"),
                violation_error_message="代码只能用小写英文字母、数字和下划线，以字母开头",
            ),
            known("scheme_item_kind_known", "kind", KINDS),
            models.CheckConstraint(
                name="scheme_item_list_price_positive",
                condition=Q(list_price=None) | Q(list_price__gt=0),
                violation_error_message="价格必须大于0元",
            ),
            models.CheckConstraint(
                name="scheme_item_cost_not_negative",
                condition=Q(cost_price=None) | Q(cost_price__gte=0),
                violation_error_message="成本不能小于0元",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PriceChange(models.Model):
    """Who changed the prices of an item, when, from what to what (None: unknown)."""

    item = models.ForeignKey(
        Item, models.PROTECT, related_name="price_changes", verbose_name="项目"
    )
    list_price_was = models.DecimalField(
        "原价目表价格（元）", max_digits=10, decimal_places=2, null=True
    )
    list_price = models.DecimalField("价目表价格（元）", max_digits=10, decimal_places=2, null=True)
    cost_price_was = models.DecimalField("原成本（元）", max_digits=10, decimal_places=2, null=True)
    cost_price = models.DecimalField("成本（元）", max_digits=10, decimal_places=2, null=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "价格改动"
        verbose_name_plural = "价格改动"

    def __str__(self) -> str:
        return f"{self.item} {self.at:%Y-%m-%d}"
