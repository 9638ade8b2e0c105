from typing import ClassVar

import pghistory
from django.db import models

from staff.models.user import User


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class ApiToken(models.Model):
    """A key for a program; only its SHA-256 is kept. It acts as its own user with a role."""

    name = models.CharField("名称", max_length=50, unique=True)
    digest = models.CharField("摘要", max_length=64, unique=True)
    user = models.OneToOneField(User, models.PROTECT, verbose_name="代表的用户")
    created_at = models.DateTimeField("创建时间")
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "接口令牌"
        verbose_name_plural = "接口令牌"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="api_token_digest_is_sha256",
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="令牌只保存摘要",
            )
        ]

    def __str__(self) -> str:
        return self.name
