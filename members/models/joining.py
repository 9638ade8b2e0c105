from typing import ClassVar

from django.db import models
from django.db.models import Q

from members.models.patient import Patient
from staff.models import User


class JoinTalk(models.Model):
    """Somebody who can join was asked, and what was answered (R26, R58); the newest counts."""

    class Outcome(models.TextChoices):
        AGREED = "agreed", "同意入会"
        LATER = "later", "以后再问"
        DECLINED = "declined", "不同意"

    # The index below begins with the patient, too.
    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="join_talks", verbose_name="病人", db_index=False
    )
    outcome = models.CharField("答复", max_length=10, choices=Outcome)
    ask_again_on = models.DateField("再问日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    talked_at = models.DateTimeField("征询时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="征询人")

    class Meta:
        verbose_name = "入会征询"
        verbose_name_plural = "入会征询"
        indexes: ClassVar = [
            models.Index(fields=["patient", "-talked_at"], name="join_talk_newest")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="join_talk_outcome_known",
                condition=Q(outcome__in=("agreed", "later", "declined")),
                violation_error_message="不认识这种答复",
            ),
            models.CheckConstraint(
                name="join_talk_ask_again_when_later",
                condition=Q(outcome="later", ask_again_on__isnull=False)
                | ~Q(outcome="later") & Q(ask_again_on=None),
                violation_error_message="“以后再问”须写明哪一天再问，其他答复不写",
            ),
        ]

    def __str__(self) -> str:
        return f"入会征询 {self.pk}"
