from typing import ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from points.models.receipt import Receipt, Refund
from staff.models import User


class Correction(models.Model):
    """A mistake put right by new entries, with its reason (C39).

    It takes back what is left of a receipt (`voids`), or a refund, or enters a receipt again that
    was taken back before. `points` (what the reversal moves) and `reference` are filled by the
    database.
    """

    receipt = models.ForeignKey(
        Receipt, models.PROTECT, related_name="corrections", verbose_name="被更正的收据"
    )
    refund = models.OneToOneField(
        Refund, models.PROTECT, related_name="voided_by", verbose_name="被冲正的退费", null=True
    )
    voids = models.BooleanField("冲正收据")
    reason = models.CharField("更正原因", max_length=200)
    corrected_at = models.DateTimeField("更正时间")
    points = models.BigIntegerField("冲正积分", db_default=Value(0))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    recorded_at = models.DateTimeField("入账时间", db_default=Now())
    reference = models.CharField("流水来源", max_length=100, db_default=Value(""))

    class Meta:
        verbose_name = "更正"
        verbose_name_plural = "更正"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="correction_voids_once",
                fields=["receipt"],
                condition=Q(voids=True),
                violation_error_message="这张收据已经冲正",
            ),
            models.CheckConstraint(
                name="correction_of_one_thing",
                condition=Q(refund=None) | Q(voids=False),
                violation_error_message="一次更正只能冲正一张收据或一笔退费",
            ),
            models.CheckConstraint(
                name="correction_has_reason",
                condition=~Q(reason=""),
                violation_error_message="请填写更正原因",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reference"], name="correction_reference"),
            BrinIndex(fields=["recorded_at"], name="correction_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt} {self.reason}"
