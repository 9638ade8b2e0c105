from typing import ClassVar

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from members.models import Patient
from scheme.models import Scheme
from staff.models import User


class PointsAccount(models.Model):
    """A patient's totals in points, opened by the first entry and moved only by the trigger.

    `cumulative` counts for levels, `available` can be spent while 方案B is on (C3). `closed` while
    the file is merged into another, whose account goes on for both (C40).
    """

    patient = models.OneToOneField(Patient, models.PROTECT, primary_key=True, verbose_name="病人")
    cumulative = models.BigIntegerField("累计积分")
    available = models.BigIntegerField("可用积分")
    last_seq = models.IntegerField("最后序号")
    closed = models.BooleanField("已并入其他档案", db_default=False)

    class Meta:
        verbose_name = "积分账户"
        verbose_name_plural = "积分账户"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="points_account_cumulative_not_negative",
                condition=Q(cumulative__gte=0),
                violation_error_message="累计积分不能小于 0",
            )
        ]

    def __str__(self) -> str:
        return f"{self.patient_id}：{self.cumulative} 分"


class PointsEntry(models.Model):
    """One line of the points ledger; append-only and chained (design section 4).

    `occurred_at` is business time and may precede the last entry; `seq`, the totals after,
    `recorded_at` and the hashes are filled by the trigger in `points/sql/ledger.sql`.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", "期初积分"
        EARN = "earn", "消费"
        REFUND = "refund", "退费"
        REVERSAL = "reversal", "冲正"
        REDEEM = "redeem", "兑换"
        REDEEM_CANCEL = "redeem_cancel", "取消兑换"
        LATE_EARN = "late_earn", "补记积分"
        GOODWILL = "goodwill", "赠送积分"
        CHANGEOVER = "changeover", "累计转可用"
        MERGE_OUT = "merge_out", "并出"
        MERGE_IN = "merge_in", "并入"

    account = models.ForeignKey(PointsAccount, models.PROTECT, verbose_name="账户")
    seq = models.IntegerField("序号", db_default=Value(0))
    kind = models.CharField("类别", max_length=20, choices=Kind)
    cumulative_delta = models.BigIntegerField("累计积分变动")
    available_delta = models.BigIntegerField("可用积分变动")
    cumulative_after = models.BigIntegerField("累计积分", db_default=Value(0))
    available_after = models.BigIntegerField("可用积分", db_default=Value(0))
    occurred_at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("入账时间", db_default=Now())
    reference = models.CharField("来源", max_length=100, unique=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, verbose_name="方案版本")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    prev_hash = models.BinaryField("前一行校验值", db_default=Value(b""))
    hash = models.BinaryField("校验值", db_default=Value(b""))

    class Meta:
        verbose_name = "积分流水"
        verbose_name_plural = "积分流水"
        constraints: ClassVar = [
            models.UniqueConstraint(name="points_entry_no_gaps", fields=["account", "seq"]),
            models.CheckConstraint(
                name="points_entry_delta_fits_kind",
                condition=Q(kind="opening", cumulative_delta__gt=0, available_delta__gte=0)
                | Q(
                    kind__in=["earn", "late_earn"],
                    cumulative_delta__gte=0,
                    available_delta__gte=0,
                )
                | Q(kind="refund", cumulative_delta__lte=0, available_delta__lte=0)
                | Q(kind="redeem", cumulative_delta=0, available_delta__lt=0)
                | Q(kind="redeem_cancel", cumulative_delta=0, available_delta__gt=0)
                | Q(kind="goodwill", cumulative_delta=0, available_delta__gt=0)
                | Q(kind="changeover", cumulative_delta=0, available_delta__gte=0)
                | Q(kind__in=["reversal", "merge_out", "merge_in"]),
                violation_error_message="积分的增减与流水类别不符",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}#{self.seq} {self.get_kind_display()}"
