from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from members.models.patient import Patient
from staff.models import Approval, User

TWO_FILES = "须为两份不同的档案"


class FileMergeQuerySet(models.QuerySet["FileMerge"]):
    def live(self) -> "FileMergeQuerySet":
        """Merges that hold: done and not undone."""
        return self.filter(merged_at__isnull=False, undone_at=None)

    def waiting(self) -> "FileMergeQuerySet":
        """Requests that nobody has decided or withdrawn."""
        return self.filter(merged_at=None, approval__decided_at=None, approval__withdrawn_at=None)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class FileMerge(models.Model):
    """Two files of one person made one: `absorbed` goes into `kept` (C40).

    It holds from `merged_at`, when its approval was given, until `undone_at`, if ever.
    """

    class Decision(models.TextChoices):
        APPROVE = "approve", "同意"
        REFUSE = "refuse", "不同意"

    kept = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name="保留的档案")
    absorbed = models.ForeignKey(
        Patient, models.PROTECT, related_name="merges", verbose_name="并入的档案"
    )
    reason = models.CharField("合并原因", max_length=200)
    approval = models.OneToOneField(
        Approval, models.PROTECT, related_name="merge", verbose_name="合并的审批"
    )
    merged_at = models.DateTimeField("合并时间", null=True, editable=False)
    undo_reason = models.CharField("撤销原因", max_length=200, blank=True)
    undo_approval = models.OneToOneField(
        Approval, models.PROTECT, related_name="unmerge", verbose_name="撤销的审批", null=True
    )
    undone_at = models.DateTimeField("撤销时间", null=True, editable=False)

    objects = FileMergeQuerySet.as_manager()

    class Meta:
        verbose_name = "档案合并"
        verbose_name_plural = "档案合并"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="file_merge_two_files",
                condition=~Q(kept=F("absorbed")),
                violation_error_message=f"合并的{TWO_FILES}",
            ),
            models.UniqueConstraint(
                name="file_merge_absorbed_once",
                fields=["absorbed"],
                condition=Q(merged_at__isnull=False, undone_at=None),
                violation_error_message="该档案已并入另一份档案",
            ),
            models.CheckConstraint(
                name="file_merge_undo_whole",
                condition=Q(undo_reason="", undo_approval=None, undone_at=None)
                | ~Q(undo_reason="") & Q(undo_approval__isnull=False, merged_at__isnull=False),
                violation_error_message="撤销合并须有原因和审批，并且合并已完成",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed} 并入 {self.kept}"


@pghistory.track(pghistory.InsertEvent())
class DistinctFiles(models.Model):
    """Two files that look like one person's and are not: nobody need look at them again."""

    first = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name="档案一")
    second = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name="档案二")
    reason = models.CharField("依据", max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "不是同一人"
        verbose_name_plural = "不是同一人"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="distinct_files_once",
                fields=["first", "second"],
                violation_error_message="这两份档案已登记为不是同一人",
            ),
            models.CheckConstraint(
                name="distinct_files_in_order",
                condition=Q(first__lt=F("second")),
                violation_error_message=f"登记的{TWO_FILES}，先建的在前",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} 与 {self.second}"
