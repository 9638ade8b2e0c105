from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from members import rules
from members.models.membership import Membership
from members.models.patient import Patient
from staff.models import User


class DetailsChange(models.Model):
    """Somebody changed what a file holds: which fields, and the document a member showed (R30).

    The old values are in the histories of the file and the membership.
    """

    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="details_changes", verbose_name="病人"
    )
    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", verbose_name="会员", null=True, blank=True
    )
    document_shown = models.CharField(
        "出示的证件", max_length=20, choices=rules.DOCUMENT_TYPES, blank=True
    )
    fields = ArrayField(models.CharField(max_length=30), verbose_name="修改的内容")
    note = models.CharField("说明", max_length=200, blank=True)
    changed_at = models.DateTimeField("修改时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")

    class Meta:
        verbose_name = "资料修改"
        verbose_name_plural = "资料修改"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="details_change_names_fields",
                condition=Q(fields__len__gt=0),
                violation_error_message="资料修改须写明修改了哪些内容",
            ),
            models.CheckConstraint(
                name="details_change_document_shown",
                condition=Q(membership=None, document_shown="")
                | Q(document_shown__in=list(rules.DOCUMENT_TYPES)),
                violation_error_message="修改会员资料须记录会员出示的证件",
            ),
        ]

    def __str__(self) -> str:
        return f"资料修改 {self.pk}"
