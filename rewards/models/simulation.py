from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from members.models import Membership
from scheme.models import Scheme
from staff.models import User


class Simulation(models.Model):
    """What a draft would have done over the receipts of a period, beside the version in force.

    Worked off in steps: `done` of `total` members. `draft_content` is the draft as it was then, so
    that the report stays true when the draft is edited later. `result` is filled at the end.
    """

    draft = models.ForeignKey(
        Scheme, models.PROTECT, related_name="simulations", verbose_name="草稿"
    )
    draft_content = models.TextField("草稿内容")
    beside = models.ForeignKey(
        Scheme, models.PROTECT, related_name="+", verbose_name="对照的版本", null=True
    )
    from_on = models.DateField("起始日期")
    to_on = models.DateField("截止日期")
    total = models.PositiveIntegerField("会员人数")
    done = models.PositiveIntegerField("已计算", default=0)
    last_file = models.BigIntegerField("最后一份档案", default=0)
    counts = models.JSONField("累计结果", default=dict)
    result = models.JSONField("结果", null=True)
    requested_at = models.DateTimeField("开始时间")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")
    finished_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = "方案模拟"
        verbose_name_plural = "方案模拟"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="simulation_period_in_order",
                condition=Q(from_on__lte=F("to_on")),
                violation_error_message="起始日期不能晚于截止日期",
            ),
            models.CheckConstraint(
                name="simulation_done_whole",
                condition=Q(finished_at=None, result=None)
                | Q(finished_at__isnull=False, result__isnull=False),
                violation_error_message="完成的模拟须有结果",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft}：{self.from_on} 至 {self.to_on}"


class SimulatedMove(models.Model):
    """A member who would stand on another level under the draft ('' = none)."""

    simulation = models.ForeignKey(
        Simulation, models.PROTECT, related_name="moves", verbose_name="模拟"
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name="会员"
    )
    was = models.CharField("现行版本", max_length=20, blank=True)
    becomes = models.CharField("草稿", max_length=20, blank=True)

    class Meta:
        verbose_name = "模拟的变动"
        verbose_name_plural = "模拟的变动"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="simulated_move_once",
                fields=["simulation", "membership"],
                violation_error_message="一次模拟中每位会员只列一次",
            )
        ]

    def __str__(self) -> str:
        return f"{self.membership_id}：{self.was} → {self.becomes}"
