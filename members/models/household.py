from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from members import rules
from members.models.patient import Patient
from staff.models import User


class Household(models.Model):
    """A family whose children share what a member's level brings for them (R15, C14)."""

    made_at = models.DateTimeField("登记时间")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = "家庭"
        verbose_name_plural = "家庭"

    def __str__(self) -> str:
        return f"家庭 {self.pk}"


class HouseholdPersonQuerySet(models.QuerySet["HouseholdPerson"]):
    def live(self) -> "HouseholdPersonQuerySet":
        """Those who belong to their household now."""
        return self.filter(left_at=None)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class HouseholdPerson(models.Model):
    """A person of a household, by a document that was seen; in one household at a time.

    `relation` is to the member whose page the person was added on. A row only gains: when the
    person left it, and why.
    """

    household = models.ForeignKey(
        Household, models.PROTECT, related_name="persons", verbose_name="家庭"
    )
    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="households", verbose_name="病人"
    )
    is_child = models.BooleanField("儿童")
    relation = models.CharField("与会员的关系", max_length=20)
    document_seen = models.CharField("查验的证件", max_length=20, choices=rules.FAMILY_DOCUMENTS)
    joined_at = models.DateTimeField("登记时间")
    recorded_at = models.DateTimeField("录入时间", db_default=Now(), editable=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    left_at = models.DateTimeField("移出时间", null=True, blank=True)
    left_reason = models.CharField("移出原因", max_length=200, blank=True)
    left_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="移出人", null=True, blank=True
    )

    objects = HouseholdPersonQuerySet.as_manager()

    class Meta:
        verbose_name = "家庭成员"
        verbose_name_plural = "家庭成员"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="household_person_one_at_a_time",
                fields=["patient"],
                condition=Q(left_at=None),
                violation_error_message="此人已登记在一个家庭中，请先从那里移出",
            ),
            models.CheckConstraint(
                name="household_person_whole",
                condition=~Q(relation="") & Q(document_seen__in=list(rules.FAMILY_DOCUMENTS)),
                violation_error_message="请填写与会员的关系和查验的证件",
            ),
            models.CheckConstraint(
                name="household_person_left_whole",
                condition=Q(left_at=None, left_reason="", left_by=None)
                | Q(left_at__isnull=False, left_by__isnull=False) & ~Q(left_reason=""),
                violation_error_message="移出家庭须有时间、经手人和原因",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient}（{self.relation}）"
