from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from staff.models.user import User


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def waiting(self) -> "ApprovalQuerySet":
        return self.filter(decided_at=None, withdrawn_at=None)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Approval(models.Model):
    """A request that a second person decides (four eyes); each kind adds a row of its own."""

    class Kind(models.TextChoices):
        TIER_REVIEW = "tier_review", "级别复核"
        SCHEME = "scheme", "方案发布"
        LEGACY_POINTS = "legacy_points", "原积分转入"
        MERGE = "merge", "合并档案"
        UNMERGE = "unmerge", "撤销合并"
        GIFT_CHANGE = "gift_change", "换发礼品"

    kind = models.CharField("事项", max_length=20, choices=Kind)
    summary = models.CharField("内容", max_length=200)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="审批人", null=True
    )
    decided_at = models.DateTimeField("审批时间", null=True)
    decision = models.CharField("决定", max_length=20, blank=True)
    sentence = models.CharField("审批意见", max_length=200, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="撤回人", null=True
    )
    withdrawn_reason = models.CharField("撤回原因", max_length=200, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = "审批"
        verbose_name_plural = "审批"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="approval_four_eyes",
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                violation_error_message="申请人不能审批自己的申请，请由另一位负责人审批",
            ),
            models.CheckConstraint(
                name="approval_decided_whole",
                condition=Q(decided_by=None, decided_at=None, decision="")
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision=""),
                violation_error_message="审批人、审批时间和决定须一并填写",
            ),
            models.CheckConstraint(
                name="approval_withdrawn_whole",
                condition=Q(withdrawn_by=None, withdrawn_at=None, withdrawn_reason="")
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False)
                & ~Q(withdrawn_reason=""),
                violation_error_message="撤回人、撤回时间和撤回原因须一并填写",
            ),
            models.CheckConstraint(
                name="approval_decided_or_withdrawn",
                condition=Q(decided_at=None) | Q(withdrawn_at=None),
                violation_error_message="已决定的申请不能撤回，已撤回的不能再决定",
            ),
        ]

    def __str__(self) -> str:
        return self.summary

    @property
    def is_waiting(self) -> bool:
        """Whether it is still to be decided."""
        return self.decided_at is None and self.withdrawn_at is None
