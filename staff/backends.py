from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import connection
from django.utils import timezone

from staff import roles
from staff.models import User

# Asked at every request: written out, as Django takes longer to compose it than it takes to run.
_HELD = """
SELECT DISTINCT kind.app_label || '.' || permission.codename
  FROM auth_group_permissions held
  JOIN auth_permission permission ON permission.id = held.permission_id
  JOIN django_content_type kind ON kind.id = permission.content_type_id
 WHERE held.group_id IN (
       SELECT group_id FROM staff_user_groups WHERE user_id = %s
        UNION ALL
       SELECT id FROM auth_group
        WHERE name = %s AND EXISTS (
              SELECT FROM staff_designation
               WHERE %s IN (user_id, substitute_id)
                 AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s)))
"""


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
    today = timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [user.pk, roles.MEMBER_ADMIN, user.pk, today, today])
        return {permission for (permission,) in cursor.fetchall()}
