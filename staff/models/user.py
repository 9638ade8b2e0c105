from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models

SYSTEM_USERNAME = "system"


class Department(models.Model):
    """A department of the hospital, such as 收费室 or 市场部."""

    name = models.CharField("科室", max_length=50, unique=True)

    class Meta:
        verbose_name = "科室"
        verbose_name_plural = "科室"

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def system(self) -> User:
        """The user that commands act as; whoever has shell access is behind it."""
        user, _ = self.get_or_create(
            username=SYSTEM_USERNAME, defaults={"name": "系统", "password": "!"}
        )
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A colleague who logs in, or a program that calls the API; rights come from roles only."""

    username = models.CharField(
        "登录名",
        max_length=50,
        unique=True,
        error_messages={"unique": "已有同名的登录名"},
    )
    name = models.CharField("姓名", max_length=50)
    department = models.ForeignKey(
        Department, models.PROTECT, verbose_name="科室", null=True, blank=True
    )
    is_active = models.BooleanField("在职", default=True)
    # No column of Django's gives a right: there is no superuser and nobody has a right of his own.
    is_superuser = False
    user_permissions = None  # type: ignore[assignment]

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        verbose_name = "用户"
        verbose_name_plural = "用户"
        permissions: ClassVar = [("use_admin", "使用后台管理")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Whether the back-office admin lets this user in."""
        return self.has_perm("staff.use_admin")


class Doctor(models.Model):
    """A doctor, known on receipts by the staff number (工号)."""

    staff_number = models.CharField("工号", max_length=64, unique=True)
    name = models.CharField("姓名", max_length=50)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="科室")
    user = models.OneToOneField(
        User, models.PROTECT, verbose_name="登录用户", null=True, blank=True
    )
    is_active = models.BooleanField("在职", default=True)

    class Meta:
        verbose_name = "医生"
        verbose_name_plural = "医生"

    def __str__(self) -> str:
        return f"{self.name}（{self.department}）"
