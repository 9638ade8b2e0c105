from typing import ClassVar

from django.db import models
from django.db.models import Q

from staff.models.user import User


class Export(models.Model):
    """A list that left the system as a file: which, how many rows, why, who, when (R41)."""

    what = models.CharField("导出内容", max_length=40)
    title = models.CharField("标题", max_length=100)
    filters = models.CharField("筛选条件", max_length=200, blank=True)
    row_count = models.PositiveIntegerField("行数")
    reason = models.CharField("用途", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="导出人")
    at = models.DateTimeField("导出时间", db_index=True)

    class Meta:
        verbose_name = "导出记录"
        verbose_name_plural = "导出记录"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="export_whole",
                condition=~Q(what="") & ~Q(title="") & ~Q(reason=""),
                violation_error_message="导出须写明内容和用途",
            ),
        ]

    def __str__(self) -> str:
        return self.title
