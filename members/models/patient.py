from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from members import rules
from staff.models import User
from staff.models.encrypted import EncryptedTextField


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Patient(models.Model):
    """A patient file (档案号); known to the till before any membership.

    One that was merged (C40) points at the file that is left, never at another merged one.
    """

    file_number = models.CharField("档案号", max_length=64, unique=True)
    name = models.CharField("姓名", max_length=50, db_index=True)
    sex = models.CharField("性别", max_length=6, choices=rules.SEXES, blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    phone = EncryptedTextField("电话", blank=True)
    phone_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    phone_last4 = models.CharField(max_length=4, blank=True, db_index=True, editable=False)
    document_type = models.CharField(
        "证件类型", max_length=20, choices=rules.DOCUMENT_TYPES, blank=True
    )
    document_number = EncryptedTextField("证件号码", blank=True)
    document_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    document_last4 = models.CharField(max_length=4, blank=True, db_index=True, editable=False)
    address = models.CharField("家庭住址", max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="absorbed",
        verbose_name="并入",
        null=True,
        blank=True,
        editable=False,
    )
    updated_at = models.DateTimeField("更新时间")
    updated_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="更新人")

    class Meta:
        verbose_name = "病人"
        verbose_name_plural = "病人"
        permissions: ClassVar = [("view_personal", "查看完整的电话、证件号码和住址")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="patient_document_for_membership",
                fields=["id", "document_type", "document_index"],
            ),
            models.CheckConstraint(
                name="patient_phone_whole",
                condition=Q(phone="", phone_index="", phone_last4="")
                | ~Q(phone="") & ~Q(phone_index="") & ~Q(phone_last4=""),
                violation_error_message="电话的密文、索引和末四位须一并保存",
            ),
            models.CheckConstraint(
                name="patient_document_whole",
                condition=Q(
                    document_type="", document_number="", document_index="", document_last4=""
                )
                | ~Q(document_type="")
                & ~Q(document_number="")
                & ~Q(document_index="")
                & ~Q(document_last4=""),
                violation_error_message="证件的类型、密文、索引和末四位须一并保存",
            ),
            models.CheckConstraint(
                name="patient_not_into_itself",
                condition=~Q(merged_into=F("pk")),
                violation_error_message="档案不能并入自己",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.file_number}）"

    @property
    def root_id(self) -> int:
        """The key of the file that stands for this person: its own, unless it was merged."""
        return self.merged_into_id or self.pk

    @property
    def masked_phone(self) -> str:
        return rules.masked_phone(self.phone_last4)

    @property
    def masked_document(self) -> str:
        return rules.masked_document(self.document_last4)

    @property
    def masked_address(self) -> str:
        return rules.masked_address(self.address)

    def details(self) -> rules.PatientDetails:
        """The file's own fields as the rules know them."""
        return rules.PatientDetails(
            name=self.name,
            sex=self.sex,
            birth_date=self.birth_date,
            phone=self.phone,
            document_type=self.document_type,
            document_number=self.document_number,
            address=self.address,
        )
