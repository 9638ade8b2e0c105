from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from members.models import Membership
from rewards.models.checks import PERIOD, keys_of
from rewards.models.entitled import Entitled
from scheme.models import Item
from staff.models import Approval, Import, User


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class GiftChange(models.Model):
    """A request to hand over another gift than the one that is due; a manager decides (R66)."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "同意换发"
        REFUSE = "refuse", "不同意"

    approval = models.OneToOneField(Approval, models.PROTECT, verbose_name="审批")
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name="会员"
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="应领礼品")
    period = models.CharField("期间", max_length=40)
    ordinal = models.PositiveSmallIntegerField("第几次")
    other_item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="换发礼品")
    reason = models.CharField("换发原因", max_length=200)
    decision = models.CharField("决定", max_length=20, choices=Decision, blank=True)

    class Meta:
        verbose_name = "换发礼品"
        verbose_name_plural = "换发礼品"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="gift_change_another_gift",
                condition=~Q(item=F("other_item")) & ~Q(reason=""),
                violation_error_message="换发的须是另一种礼品，并写明原因",
            ),
            models.CheckConstraint(
                name="gift_change_period_known",
                condition=Q(period__regex=PERIOD) & Q(ordinal__gte=1),
                violation_error_message="期间应为年份、级别或兑换，次数从 1 起",
            ),
        ]

    def __str__(self) -> str:
        return str(self.approval)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Issue(Entitled):
    """A gift handed over (R38, R51): which one was due, what was given, the proof, by whom.

    `given_item` differs from `item` only with a manager's word (`change`). One from before the
    system has `imported_in` and its paper number.
    """

    given_item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="实发礼品")
    change = models.OneToOneField(
        GiftChange, models.PROTECT, verbose_name="换发依据", null=True, blank=True
    )
    issued_at = models.DateTimeField("发放时间")
    recorded_at = models.DateTimeField("登记时间", db_default=Now())
    imported_in = models.ForeignKey(
        Import, models.PROTECT, related_name="+", verbose_name="导入批次", null=True, blank=True
    )

    class Meta:
        verbose_name = "礼品发放"
        verbose_name_plural = "礼品发放"
        indexes: ClassVar = [
            models.Index(fields=["membership"], name="issue_membership"),
            models.Index(fields=["issued_at"], name="issue_issued_at"),
        ]
        constraints: ClassVar = [
            *keys_of("issue", "已经发放"),
            models.CheckConstraint(
                name="issue_has_proof",
                condition=Q(signature__isnull=False)
                | ~Q(slip_number="")
                | Q(imported_in__isnull=False),
                violation_error_message="发放礼品须有会员签名或纸质凭证号",
            ),
            models.CheckConstraint(
                name="issue_other_gift_has_word",
                condition=Q(given_item=F("item"), change=None) | Q(change__isnull=False),
                violation_error_message="换发其他礼品须经负责人同意",
            ),
        ]


class Deferral(models.Model):
    """A due gift or service that the member did not take today, and why (R38)."""

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="deferrals", verbose_name="会员"
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name="项目")
    period = models.CharField("期间", max_length=40)
    reason = models.CharField("推迟原因", max_length=200)
    put_off_at = models.DateTimeField("登记时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")

    class Meta:
        verbose_name = "推迟领取"
        verbose_name_plural = "推迟领取"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="deferral_has_reason",
                condition=~Q(reason="") & Q(period__regex=PERIOD),
                violation_error_message="请填写推迟领取的原因",
            )
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.item_id}：{self.reason}"
