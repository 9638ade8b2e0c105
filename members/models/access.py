from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from members.models.patient import Patient
from staff.models import User


class AccessLog(models.Model):
    """Somebody saw a patient's numbers in full: what, why, who, when (R41)."""

    class What(models.TextChoices):
        PHONE = "phone", "电话"
        DOCUMENT = "document", "证件号码"
        ADDRESS = "address", "家庭住址"
        GUARDIAN_PHONE = "guardian_phone", "监护人电话"
        REGISTRATION_FORM = "registration_form", "会员登记表"

    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="accesses", verbose_name="病人"
    )
    what = ArrayField(models.CharField(max_length=20, choices=What), verbose_name="查看内容")
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="查看人")
    at = models.DateTimeField("查看时间", db_index=True)

    class Meta:
        verbose_name = "查看记录"
        verbose_name_plural = "查看记录"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="access_log_names_what",
                condition=Q(
                    what__len__gt=0,
                    what__contained_by=[
                        "phone",
                        "document",
                        "address",
                        "guardian_phone",
                        "registration_form",
                    ],
                ),
                violation_error_message="查看记录须写明看了什么",
            ),
            models.CheckConstraint(
                name="access_log_reason",
                condition=~Q(reason=""),
                violation_error_message="查看完整资料须填写原因",
            ),
        ]

    def __str__(self) -> str:
        return f"查看记录 {self.pk}"

    @property
    def seen(self) -> str:
        """What was seen, in words."""
        return "、".join(self.What(code).label for code in self.what)
