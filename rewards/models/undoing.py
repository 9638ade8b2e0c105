from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rewards.models.issue import Issue
from rewards.models.service import Claim, Use
from staff.models import User


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Undoing(models.Model):
    """The counter-entry of an issue, a claim or a use: what it took is due again."""

    class Kind(models.TextChoices):
        MISTAKE = "mistake", "登记有误"
        LOST = "lost", "服务卡遗失"
        RETURNED = "returned", "已追回"

    kind = models.CharField("原因类别", max_length=10, choices=Kind)
    issue = models.OneToOneField(
        Issue, models.PROTECT, related_name="undoing", verbose_name="发放", null=True
    )
    claim = models.OneToOneField(
        Claim, models.PROTECT, related_name="undoing", verbose_name="领取", null=True
    )
    use = models.OneToOneField(
        Use, models.PROTECT, related_name="undoing", verbose_name="使用", null=True
    )
    reason = models.CharField("原因", max_length=200)
    undone_at = models.DateTimeField("撤销时间")
    recorded_at = models.DateTimeField("登记时间", db_default=Now())
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")

    class Meta:
        verbose_name = "撤销"
        verbose_name_plural = "撤销"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="undoing_of_one_thing",
                condition=Q(issue__isnull=False, claim=None, use=None)
                | Q(issue=None, claim__isnull=False, use=None)
                | Q(issue=None, claim=None, use__isnull=False),
                violation_error_message="一次只能撤销一项发放、领取或使用",
            ),
            models.CheckConstraint(
                name="undoing_has_reason",
                condition=~Q(reason=""),
                violation_error_message="请填写撤销的原因",
            ),
            models.CheckConstraint(
                name="undoing_kind_fits",
                condition=Q(kind="mistake")
                | Q(kind="lost", claim__isnull=False)
                | Q(kind="returned", issue__isnull=False),
                violation_error_message="只有服务卡会遗失，只有礼品能追回",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.reason}"
