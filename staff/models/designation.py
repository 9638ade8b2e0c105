from typing import ClassVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from staff.models.user import User


class DesignationQuerySet(models.QuerySet["Designation"]):
    def on(self, day: object) -> "DesignationQuerySet":
        """Those in force on `day`."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Designation(models.Model):
    """One front-desk user as 会员管理员, with a substitute, from a day on (S2:130, R58)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="会员管理员")
    substitute = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="替补")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    designated_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="指定人")

    objects = DesignationQuerySet.as_manager()

    class Meta:
        verbose_name = "会员管理员指定"
        verbose_name_plural = "会员管理员指定"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="designation_two_people",
                condition=~Q(user=F("substitute")),
                violation_error_message="会员管理员与替补须为两个人",
            ),
            models.CheckConstraint(
                name="designation_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="结束日期不能早于开始日期",
            ),
            ExclusionConstraint(
                name="designation_one_at_a_time",
                expressions=[
                    (
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            models.Value("[]"),
                            function="DATERANGE",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    )
                ],
                violation_error_message="这段时间已指定了会员管理员，请先结束原来的指定",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（替补 {self.substitute}），{self.starts_on} 起"
