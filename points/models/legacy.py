from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Now

from members.models import Patient
from staff.models import Approval, Import, User


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class LegacyBalance(models.Model):
    """A patient's points of the system before, up to and including the day `until` (R3, C2).

    They count once a second person has confirmed the file they came in; payments up to `until`
    are refused from the moment this row is there, since the points stand for them.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, verbose_name="病人")
    points = models.BigIntegerField("原积分")
    until = models.DateField("截止日期")
    imported_in = models.ForeignKey(
        Import, models.PROTECT, related_name="+", verbose_name="导入批次"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    recorded_at = models.DateTimeField("录入时间", db_default=Now())
    rejected = models.BooleanField("未予确认", db_default=False)
    reference = models.GeneratedField(
        verbose_name="流水来源",
        expression=Concat(Value("opening:"), Cast(F("patient_id"), models.CharField())),
        output_field=models.CharField(max_length=100),
        db_persist=True,
    )

    class Meta:
        verbose_name = "原积分"
        verbose_name_plural = "原积分"
        indexes: ClassVar = [models.Index(fields=["reference"], name="legacy_balance_reference")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="legacy_balance_once",
                fields=["patient"],
                condition=Q(rejected=False),
                violation_error_message="该病人的原积分已经转入或正等待确认",
            ),
            models.CheckConstraint(
                name="legacy_balance_positive",
                condition=Q(points__gt=0),
                violation_error_message="原积分必须大于 0 分",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient_id}：{self.points} 分"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class LegacyConfirmation(models.Model):
    """The second person's word on one file of legacy points: confirm or reject as a whole."""

    class Decision(models.TextChoices):
        CONFIRM = "confirm", "确认转入"
        REJECT = "reject", "不予转入"

    imported_in = models.OneToOneField(Import, models.PROTECT, verbose_name="导入批次")
    approval = models.OneToOneField(Approval, models.PROTECT, verbose_name="审批")
    decision = models.CharField("决定", max_length=20, choices=Decision, blank=True)

    class Meta:
        verbose_name = "原积分确认"
        verbose_name_plural = "原积分确认"

    def __str__(self) -> str:
        return str(self.approval)
