"""The groups follow the one table of rights."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from staff import roles
from staff.queries import broken_rows

pytestmark = pytest.mark.django_db


def held(role: str) -> set[str]:
    group = Group.objects.get(name=role)
    rights = group.permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rights}


@pytest.mark.parametrize("role", roles.ROLES)
def test_a_role_holds_what_its_column_says(role: str) -> None:
    assert held(role) == roles.permissions_of(role)


def test_a_missing_role_a_lost_right_and_one_too_many_are_put_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Group.objects.get(name=roles.DOCTOR).delete()
    Group.objects.get(name=roles.CASHIER).permissions.clear()
    Group.objects.get(name=roles.NURSE).permissions.set(Permission.objects.all())
    call_command("sync_roles")
    assert capsys.readouterr().out == f"已同步 {len(roles.ROLES)} 个角色的权限\n"
    for role in (roles.DOCTOR, roles.CASHIER, roles.NURSE):
        assert held(role) == roles.permissions_of(role)
    assert not [sentence for sentence in broken_rows() if sentence.startswith("角色")]
