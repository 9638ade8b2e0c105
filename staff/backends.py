from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import Exists, Q
from django.utils import timezone

from staff import roles
from staff.models import Designation, User


class RoleBackend(ModelBackend):
    """Rights come from roles alone; 会员管理员 from today's designation (R58).

    One query a request; withdrawn rights are gone at the next one.
    """

    def get_all_permissions(self, user_obj: Any, obj: object = None) -> set[str]:
        if not isinstance(user_obj, User) or not user_obj.is_active or obj is not None:
            return set()
        if not hasattr(user_obj, "_role_permissions"):
            user_obj._role_permissions = _permissions(user_obj)  # type: ignore[attr-defined]
        return user_obj._role_permissions  # type: ignore[attr-defined, no-any-return]

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)


def _permissions(user: User) -> set[str]:
    designated = Designation.objects.on(timezone.localdate()).filter(
        Q(user=user) | Q(substitute=user)
    )
    held = Permission.objects.filter(
        Q(group__user=user) | Q(Exists(designated), group__name=roles.MEMBER_ADMIN)
    )
    rows = held.values_list("content_type__app_label", "codename").distinct()
    return {f"{app}.{codename}" for app, codename in rows}
