from typing import ClassVar

from django.db import models
from django.db.models import Q

from members.models.patient import Patient
from staff.models import User
from staff.models.encrypted import EncryptedTextField, keyed_hash


class Signature(models.Model):
    """A signature made on the screen, with exactly the text that was signed (R69).

    `digest` says whether they still are what was signed: see `is_whole`.
    """

    patient = models.ForeignKey(
        Patient, models.PROTECT, related_name="signatures", verbose_name="病人"
    )
    text = EncryptedTextField("签署的内容")
    image = EncryptedTextField("签名（PNG，base64）")
    digest = models.CharField("签署内容的摘要", max_length=64)
    signed_at = models.DateTimeField("签名时间")
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经手人")

    class Meta:
        verbose_name = "电子签名"
        verbose_name_plural = "电子签名"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="signature_whole",
                condition=~Q(text="") & ~Q(image=""),
                violation_error_message="电子签名须有签署的内容和签名",
            ),
            models.CheckConstraint(
                name="signature_digest_is_keyed_hash",
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="电子签名缺少签署内容的摘要",
            ),
        ]

    def __str__(self) -> str:
        return f"电子签名 {self.pk}"

    @property
    def is_whole(self) -> bool:
        """Whether text and drawing are still what was signed."""
        return self.digest == signature_digest(self.text, self.image)


def signature_digest(text: str, image: str) -> str:
    """A keyed hash over what was signed: text, NUL, drawing (base64)."""
    # Base64 holds no NUL: no sign can move from one to the other unseen.
    return keyed_hash("signature", f"{text}\0{image}")
