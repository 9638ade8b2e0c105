from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat, Floor, Now
from django.db.models.functions.comparison import Cast

from members.models import Patient
from scheme.models import Scheme
from staff.models import Import, User


class ShanghaiDay(models.Func):
    """The business day of a moment; the zone is spelled out, so the index never depends on it."""

    template = "((%(expressions)s AT TIME ZONE 'Asia/Shanghai')::date)"
    output_field: Any = models.DateField()


_NET_YUAN = F("amount") - F("refunded_amount")


class Receipt(models.Model):
    """A payment by a patient; unchanging but for refunds and reversal, which the database keeps.

    `amount` is what the patient paid in yuan (C17). One paper number comes again as a new
    revision by a `correction` (C39); only the last one is not `voided`. `patient` is the file on
    the paper, whose points may stand on the file it was merged into (C40). `rate` and `scheme`
    are those of the day it was paid.
    """

    number = models.CharField("收据号", max_length=64)
    revision = models.SmallIntegerField("版次", default=1)
    patient = models.ForeignKey(Patient, models.PROTECT, verbose_name="病人")
    amount = models.DecimalField("金额", max_digits=10, decimal_places=2)
    refunded_amount = models.DecimalField(
        "已退金额", max_digits=10, decimal_places=2, db_default=Value(Decimal(0))
    )
    rate = models.SmallIntegerField("每元积分")
    voided = models.BooleanField("已冲正", db_default=False)
    net_amount = models.GeneratedField(
        verbose_name="净额",
        expression=Case(When(voided=True, then=Value(Decimal(0))), default=_NET_YUAN),
        output_field=models.DecimalField(max_digits=10, decimal_places=2),
        db_persist=True,
    )
    net_points = models.GeneratedField(
        verbose_name="净积分",
        expression=Case(
            When(voided=True, then=Value(0, models.BigIntegerField())),
            default=Cast(Floor(_NET_YUAN * F("rate")), models.BigIntegerField()),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    paid_at = models.DateTimeField("收费时间")
    day = models.GeneratedField(
        verbose_name="收费日",
        expression=ShanghaiDay(F("paid_at")),
        output_field=models.DateField(),
        db_persist=True,
    )
    department = models.CharField("科室", max_length=64, blank=True)
    doctor_number = models.CharField("医生工号", max_length=64, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    scheme = models.ForeignKey(Scheme, models.PROTECT, verbose_name="方案版本")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    recorded_at = models.DateTimeField("入账时间", db_default=Now())
    correction = models.ForeignKey(
        "points.Correction", models.PROTECT, related_name="+", verbose_name="更正依据", null=True
    )
    imported_in = models.ForeignKey(
        Import, models.PROTECT, related_name="+", verbose_name="导入批次", null=True
    )
    reference = models.GeneratedField(
        verbose_name="流水来源",
        expression=Concat(
            Value("receipt:"), F("number"), Value("#"), Cast("revision", models.CharField())
        ),
        output_field=models.CharField(max_length=100),
        db_persist=True,
    )

    class Meta:
        verbose_name = "收据"
        verbose_name_plural = "收据"
        indexes: ClassVar = [
            models.Index(fields=["patient", "day"], name="receipt_patient_day"),
            models.Index(fields=["day"], name="receipt_day"),
            models.Index(fields=["reference"], name="receipt_reference"),
            BrinIndex(fields=["recorded_at"], name="receipt_recorded"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="receipt_counts_once",
                fields=["number", "revision"],
                violation_error_message="该收据号已入账",
            ),
            models.CheckConstraint(
                name="receipt_amount_positive",
                condition=Q(amount__gt=0),
                violation_error_message="金额必须大于 0 元",
            ),
            models.CheckConstraint(
                name="receipt_rate_positive",
                condition=Q(rate__gt=0),
                violation_error_message="每元积分必须大于 0",
            ),
            models.CheckConstraint(
                name="receipt_refunded_at_most_paid",
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("amount")),
                violation_error_message="退费合计不能超过收据金额",
            ),
            models.CheckConstraint(
                name="receipt_later_revision_has_cause",
                condition=Q(revision=1, correction=None)
                | Q(revision__gt=1, correction__isnull=False),
                violation_error_message="收据的新版次须有更正依据",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Refund(models.Model):
    """Yuan given back on a receipt; `points` (0 or less) is filled by the database.

    A new revision comes when its receipt was corrected, or after it was voided itself.
    """

    number = models.CharField("退费单号", max_length=64)
    revision = models.SmallIntegerField("版次", default=1)
    receipt = models.ForeignKey(Receipt, models.PROTECT, verbose_name="收据")
    amount = models.DecimalField("退费金额", max_digits=10, decimal_places=2)
    points = models.BigIntegerField("扣回积分", db_default=Value(0))
    refunded_at = models.DateTimeField("退费时间")
    reason = models.CharField("退费原因", max_length=200)
    voided = models.BooleanField("已冲正", db_default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    recorded_at = models.DateTimeField("入账时间", db_default=Now())
    correction = models.ForeignKey(
        "points.Correction", models.PROTECT, related_name="+", verbose_name="更正依据", null=True
    )
    # Later revisions stand before the number, which may itself end in "#2".
    reference = models.GeneratedField(
        verbose_name="流水来源",
        expression=Case(
            When(revision=1, then=Concat(Value("refund:"), F("number"))),
            default=Concat(
                Value("refund#"), Cast("revision", models.CharField()), Value(":"), F("number")
            ),
        ),
        output_field=models.CharField(max_length=100),
        db_persist=True,
    )

    class Meta:
        verbose_name = "退费"
        verbose_name_plural = "退费"
        indexes: ClassVar = [
            models.Index(fields=["reference"], name="refund_reference"),
            BrinIndex(fields=["recorded_at"], name="refund_recorded"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="refund_counts_once",
                fields=["number", "revision"],
                violation_error_message="该退费单号已入账",
            ),
            models.CheckConstraint(
                name="refund_amount_positive",
                condition=Q(amount__gt=0),
                violation_error_message="退费金额必须大于 0 元",
            ),
            models.CheckConstraint(
                name="refund_takes_points",
                condition=Q(points__lte=0),
                violation_error_message="退费不能增加积分",
            ),
            models.CheckConstraint(
                name="refund_later_revision_has_cause",
                condition=Q(revision=1, correction=None)
                | Q(revision__gt=1, correction__isnull=False),
                violation_error_message="退费的新版次须有更正依据",
            ),
        ]

    def __str__(self) -> str:
        return self.number
