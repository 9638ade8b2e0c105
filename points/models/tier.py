from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from members.models import Membership
from points.models.ledger import PointsEntry
from scheme.models import Scheme
from staff.models import Approval


class TierReviewQuerySet(models.QuerySet["TierReview"]):
    def live(self) -> "TierReviewQuerySet":
        """Those that still follow from the history as it is known now."""
        return self.filter(restated_by=None)

    def waiting(self) -> "TierReviewQuerySet":
        return self.live().filter(decision="")


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class TierReview(models.Model):
    """A level that lost its ground by refunds; a manager decides, nothing falls by itself (C18).

    While it is open, what is uncollected of the level is held. `decided_at` is the database's
    time, which orders decisions and entries. `restated_by`: the history was put right since, and
    the question is no longer this one.
    """

    class Decision(models.TextChoices):
        KEEP = "keep", "保留级别"
        RECOVER = "recover", "收回级别，追回已领礼品"
        WAIVE = "waive", "收回级别，已领礼品不再追回"

    approval = models.ForeignKey(Approval, models.PROTECT, verbose_name="审批")
    membership = models.ForeignKey(Membership, models.PROTECT, verbose_name="会员")
    entry = models.ForeignKey(PointsEntry, models.PROTECT, verbose_name="引起复核的流水")
    tier = models.CharField("现有级别", max_length=20)
    supported_tier = models.CharField("余下积分支持的级别", max_length=20, blank=True)
    decision = models.CharField("决定", max_length=20, choices=Decision, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, editable=False)
    restated_by = models.ForeignKey(
        PointsEntry, models.PROTECT, related_name="+", verbose_name="因更正作废的流水", null=True
    )

    objects = TierReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "级别复核"
        verbose_name_plural = "级别复核"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="tier_review_one_open_a_member",
                fields=["membership"],
                condition=Q(decision="", restated_by=None),
                violation_error_message="该会员已有一项待定的级别复核",
            ),
            models.UniqueConstraint(
                name="tier_review_once_an_entry",
                fields=["entry"],
                condition=Q(restated_by=None),
                violation_error_message="这笔流水已引起一项级别复核",
            ),
            models.UniqueConstraint(
                name="tier_review_one_an_approval",
                fields=["approval"],
                condition=Q(restated_by=None),
                violation_error_message="这项审批已属于另一项级别复核",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.tier}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class TierReached(models.Model):
    """A level a member reached, with its cause; for life unless a review took it back (R5).

    `points` is the sum that reached it, `amount` the yuan of a one-time cause. `reached_on` is
    the day the member has it from; `day` the day of the cause, which at enrolment may be earlier.
    `restated_by`: it stood on a receipt that was corrected, or on a file that was merged.
    """

    class Path(models.TextChoices):
        ONE_TIME = "one_time", "一次性消费"
        CUMULATIVE = "cumulative", "累计积分"
        GRANT = "grant", "领导批准"
        LEGACY = "legacy", "原积分转入"
        REVIEW = "review", "级别复核"

    membership = models.ForeignKey(Membership, models.PROTECT, verbose_name="会员")
    tier = models.CharField("级别", max_length=20)
    rank = models.SmallIntegerField("级别次序")
    path = models.CharField("途径", max_length=20, choices=Path)
    entry = models.ForeignKey(PointsEntry, models.PROTECT, verbose_name="引起的流水")
    scheme = models.ForeignKey(Scheme, models.PROTECT, verbose_name="方案版本")
    day = models.DateField("依据日期")
    points = models.BigIntegerField("积分")
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2, null=True)
    reached_on = models.DateField("达到日期")
    at_enrolment = models.BooleanField("入会时")
    withdrawn_by = models.ForeignKey(TierReview, models.PROTECT, null=True, verbose_name="收回依据")
    restated_by = models.ForeignKey(
        PointsEntry, models.PROTECT, related_name="+", verbose_name="因更正作废的流水", null=True
    )

    class Meta:
        verbose_name = "达到级别"
        verbose_name_plural = "达到级别"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="tier_reached_once",
                fields=["membership", "tier"],
                condition=Q(withdrawn_by=None, restated_by=None),
                violation_error_message="该会员已达到过这一级别",
            )
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.tier}"
