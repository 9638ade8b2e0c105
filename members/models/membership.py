from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from members.models.patient import Patient
from members.models.signature import Signature
from staff.models import Import, User
from staff.models.encrypted import EncryptedTextField


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Membership(models.Model):
    """A patient's lifetime membership with the answers of the registration form (R5, R69).

    One person, one member: the document's keyed hash is unique. It follows the patient file's
    document by a foreign key that cascades on update, so the two can't part. A member from before
    the system keeps number and `joined_on`; for others that is the day of signature.
    """

    patient = models.OneToOneField(Patient, models.PROTECT, verbose_name="病人")
    number = models.CharField("会员号", max_length=64, unique=True)
    document_type = models.CharField("证件类型", max_length=20, editable=False)
    document_index = models.CharField(max_length=64, editable=False)
    accepts_follow_up = models.BooleanField("是否愿意接受回访")
    accepts_post = models.BooleanField("是否愿意接受精美杂志的邮寄投递")
    accepts_activities = models.BooleanField("是否愿意接受会员回馈活动的邀请")
    guardian_name = models.CharField("监护人姓名", max_length=50, blank=True)
    guardian_relation = models.CharField("与会员的关系", max_length=20, blank=True)
    guardian_phone = EncryptedTextField("监护人电话", blank=True)
    signed_on = models.DateField("签字日期")
    signature = models.OneToOneField(
        Signature,
        models.PROTECT,
        verbose_name="电子签名",
        null=True,
        blank=True,
        editable=False,
        help_text="空：在纸质登记表上签字",
    )
    joined_on = models.DateField("入会日期")
    imported_in = models.ForeignKey(
        Import,
        models.PROTECT,
        related_name="+",
        verbose_name="导入记录",
        null=True,
        blank=True,
        editable=False,
    )
    enrolled_at = models.DateTimeField("录入时间", db_default=Now(), editable=False)
    enrolled_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")

    class Meta:
        verbose_name = "会员"
        verbose_name_plural = "会员"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="membership_one_person_one_member",
                fields=["document_type", "document_index"],
                violation_error_message="该证件已办理过会员，一人只能有一个会员",
            ),
            models.CheckConstraint(
                name="membership_has_document",
                condition=~Q(document_index="") & ~Q(document_type=""),
                violation_error_message="会员必须留有证件类型和证件号码",
            ),
            models.CheckConstraint(
                name="membership_guardian_whole",
                condition=Q(guardian_name="", guardian_relation="", guardian_phone="")
                | ~Q(guardian_name="") & ~Q(guardian_relation="") & ~Q(guardian_phone=""),
                violation_error_message="监护人的姓名、关系和电话须一并填写",
            ),
            models.CheckConstraint(
                name="membership_joined_as_signed",
                condition=Q(joined_on=F("signed_on")) | Q(imported_in__isnull=False),
                violation_error_message="入会日期即签字日期，只有导入的老会员可以不同",
            ),
        ]

    def __str__(self) -> str:
        return self.number
