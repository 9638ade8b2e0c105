from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from members.models import Card, Membership, Patient
from members.rules import DOCUMENT_TYPES
from scheme.models import Item, Scheme
from staff.models import User


class Redemption(models.Model):
    """Points spent on an item of the catalogue (R20-R25); `points` is what was paid in all.

    `number` and `reference` are filled by the database, `voided` by a cancellation alone. The
    price is that of `scheme`. `teeth` are in FDI notation. `beneficiary` is whom it is meant for,
    None while that is open; who uses it is checked on use.
    """

    class Proof(models.TextChoices):
        CARD = "card", "会员卡"
        DOCUMENT = "document", "有效证件"
        HIS = "his", "医院信息系统"

    number = models.CharField("兑换单号", max_length=20, unique=True, db_default="")
    idempotency_key = models.CharField(
        "重发编号", max_length=64, unique=True, null=True, blank=True
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="redemptions", verbose_name="会员"
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="项目")
    quantity = models.PositiveSmallIntegerField("数量")
    points_each = models.PositiveIntegerField("单价（分）")
    points = models.PositiveBigIntegerField("积分")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name="方案版本")
    teeth = ArrayField(models.CharField(max_length=2), verbose_name="牙位", default=list)
    beneficiary = models.ForeignKey(
        Patient, models.PROTECT, related_name="+", verbose_name="受益人", null=True, blank=True
    )
    proof = models.CharField("凭据", max_length=10, choices=Proof)
    card = models.ForeignKey(
        Card, models.PROTECT, related_name="+", verbose_name="会员卡", null=True, blank=True
    )
    document_shown = models.CharField(
        "出示的证件", max_length=20, choices=DOCUMENT_TYPES, blank=True
    )
    expires_on = models.DateField("有效期至", null=True, blank=True)
    redeemed_at = models.DateTimeField("兑换时间")
    recorded_at = models.DateTimeField("登记时间", db_default=Now())
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    reference = models.CharField("流水来源", max_length=100, unique=True, db_default="")
    voided = models.BooleanField("已取消", db_default=False)

    class Meta:
        verbose_name = "积分兑换"
        verbose_name_plural = "积分兑换"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="redemption_adds_up",
                condition=Q(quantity__gte=1, points_each__gte=1)
                & Q(points=F("quantity") * F("points_each")),
                violation_error_message="兑换的积分应为数量乘以单价",
            ),
            models.CheckConstraint(
                name="redemption_has_proof",
                condition=Q(proof="card", card__isnull=False, document_shown="")
                | Q(proof="document", card=None, document_shown__in=list(DOCUMENT_TYPES))
                | Q(proof="his", card=None, document_shown=""),
                violation_error_message="兑换须刷会员卡或出示有效证件",
            ),
            models.CheckConstraint(
                name="redemption_teeth_as_many",
                condition=Q(teeth=[]) | Q(teeth__len=F("quantity")),
                violation_error_message="牙位的个数应与数量相同",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RedemptionCancel(models.Model):
    """A redemption taken back before use: the points return by a new entry (R24)."""

    redemption = models.OneToOneField(
        Redemption, models.PROTECT, related_name="cancel", verbose_name="兑换"
    )
    reason = models.CharField("取消原因", max_length=200)
    cancelled_at = models.DateTimeField("取消时间")
    recorded_at = models.DateTimeField("登记时间", db_default=Now())
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    reference = models.CharField("流水来源", max_length=100, unique=True, db_default="")

    class Meta:
        verbose_name = "取消兑换"
        verbose_name_plural = "取消兑换"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="redemption_cancel_has_reason",
                condition=~Q(reason=""),
                violation_error_message="请填写取消兑换的原因",
            )
        ]

    def __str__(self) -> str:
        return f"{self.redemption}：{self.reason}"
