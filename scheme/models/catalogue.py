from typing import ClassVar

from django.db import models

from scheme.models.checks import at_least_one
from scheme.models.item import Item
from scheme.models.scheme import Scheme


class CatalogueItem(models.Model):
    """The price of an item in points under 方案B, in one version."""

    scheme = models.ForeignKey(
        Scheme, models.CASCADE, related_name="catalogue", verbose_name="规则版本"
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="项目")
    points = models.PositiveIntegerField("积分")

    class Meta:
        verbose_name = "兑换目录"
        verbose_name_plural = "兑换目录"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="scheme_catalogue_item_once",
                fields=["scheme", "item"],
                violation_error_message="同一版本的兑换目录中一个项目只能出现一次",
            ),
            at_least_one("scheme_catalogue_points_positive", "兑换积分至少为1", "points"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.points}分"


class GiftBand(models.Model):
    """A gift's worth in yuan and the spending from which it is bought, in one version."""

    scheme = models.ForeignKey(
        Scheme, models.CASCADE, related_name="gift_bands", verbose_name="规则版本"
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="礼品")
    from_yuan = models.PositiveIntegerField("消费金额（元）")
    value_yuan = models.PositiveIntegerField("礼品金额（元）")

    class Meta:
        verbose_name = "礼品档"
        verbose_name_plural = "礼品档"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="scheme_gift_band_item_once",
                fields=["scheme", "item"],
                violation_error_message="同一版本中一个礼品只能属于一档",
            ),
            models.UniqueConstraint(
                name="scheme_gift_band_from_unique",
                fields=["scheme", "from_yuan"],
                violation_error_message="同一版本中两档礼品的消费金额不能相同",
            ),
            at_least_one(
                "scheme_gift_band_positive", "礼品档的金额须为正整数", "from_yuan", "value_yuan"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_yuan}元：{self.item}"
