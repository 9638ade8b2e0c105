from django.db import models

from members.models import Membership, Patient, Signature
from scheme.models import Item
from staff.models import User


class Entitled(models.Model):
    """Which one of a member's entitlements a fact is about; nothing is due twice under one key.

    `period` is never empty: `2026` for a year, `once:vip` for what a level brings once,
    `redemption:17` for what points bought. `ordinal` counts from 1. `child` is whom a child's item
    is for: it is single for that child and year in the whole hospital (C14); `household` is filled
    only where the scheme allows one a household. `voided` is set by the counter-entry alone.
    """

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name="会员", db_index=False
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="项目")
    period = models.CharField("期间", max_length=40)
    ordinal = models.PositiveSmallIntegerField("第几次")
    child = models.ForeignKey(
        Patient, models.PROTECT, related_name="+", verbose_name="儿童", null=True, blank=True
    )
    household = models.ForeignKey(
        "members.Household",
        models.PROTECT,
        related_name="+",
        verbose_name="家庭",
        null=True,
        blank=True,
    )
    signature = models.ForeignKey(
        Signature, models.PROTECT, related_name="+", verbose_name="电子签名", null=True, blank=True
    )
    slip_number = models.CharField("凭证号", max_length=64, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    voided = models.BooleanField("已撤销", db_default=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.membership_id} {self.item_id} {self.period} 第{self.ordinal}次"
