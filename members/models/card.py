from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from members import rules
from members.models.membership import Membership
from staff.models import User


class CardQuerySet(models.QuerySet["Card"]):
    def live(self) -> "CardQuerySet":
        return self.filter(stopped_at=None)


class Card(models.Model):
    """A member's card (R29, C21): electronic from the first day, then handed over as plastic.

    A lost one stops at once and another with its own number takes its place (R70): one live card
    a member. A row only gains: handed over, then stopped.
    """

    class StoppedReason(models.TextChoices):
        LOST = "lost", "遗失"
        DAMAGED = "damaged", "损坏"

    # A constraint below begins with the membership: a second index would only cost imports time.
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="cards", verbose_name="会员", db_index=False
    )
    serial = models.PositiveSmallIntegerField("第几张")
    number = models.CharField("卡号", max_length=12, unique=True)
    made_at = models.DateTimeField("制卡时间")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="制卡人")
    given_at = models.DateTimeField("发卡时间", null=True, blank=True)
    given_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="发卡人", null=True, blank=True
    )
    stopped_at = models.DateTimeField("停用时间", null=True, blank=True)
    stopped_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="停用人", null=True, blank=True
    )
    stopped_reason = models.CharField("停用原因", max_length=10, choices=StoppedReason, blank=True)
    document_shown = models.CharField(
        "出示的证件", max_length=20, choices=rules.DOCUMENT_TYPES, blank=True
    )

    objects = CardQuerySet.as_manager()

    class Meta:
        verbose_name = "会员卡"
        verbose_name_plural = "会员卡"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="card_one_live",
                fields=["membership"],
                condition=Q(stopped_at=None),
                violation_error_message="一位会员只能有一张有效的卡，请先挂失原卡",
            ),
            models.UniqueConstraint(
                name="card_serial_once",
                fields=["membership", "serial"],
                violation_error_message="同一位会员的卡不能有两张序号相同",
            ),
            models.CheckConstraint(
                name="card_number_shape",
                condition=Q(number__regex=r"^8[0-9]{11}$"),
                violation_error_message="卡号应为以 8 开头的 12 位数字",
            ),
            models.CheckConstraint(
                name="card_given_whole",
                condition=Q(given_at=None, given_by=None)
                | Q(given_at__isnull=False, given_by__isnull=False),
                violation_error_message="发卡时间和发卡人须一并填写",
            ),
            models.CheckConstraint(
                name="card_stopped_whole",
                condition=Q(stopped_at=None, stopped_by=None, stopped_reason="", document_shown="")
                | Q(
                    stopped_at__isnull=False,
                    stopped_by__isnull=False,
                    stopped_reason__in=("lost", "damaged"),
                    document_shown__in=list(rules.DOCUMENT_TYPES),
                ),
                violation_error_message="停用会员卡须有时间、经手人、原因和出示的证件",
            ),
            models.CheckConstraint(
                name="card_in_order",
                condition=(Q(given_at=None) | Q(given_at__gte=F("made_at")))
                & (Q(stopped_at=None) | Q(stopped_at__gte=F("made_at")))
                & (Q(given_at=None) | Q(stopped_at=None) | Q(stopped_at__gte=F("given_at"))),
                violation_error_message="会员卡应先制卡，再发卡，最后停用",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_live(self) -> bool:
        return self.stopped_at is None
