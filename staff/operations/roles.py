from django.contrib.auth.models import Group, Permission

from staff import roles
from staff.refusals import operation


@operation
def sync_roles() -> int:
    """Make the groups and their permissions follow the table in `staff.roles`."""
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    Group.objects.bulk_create((Group(name=role) for role in roles.ROLES), ignore_conflicts=True)
    for_all = {
        (group.pk, known[name])
        for group in Group.objects.filter(name__in=roles.ROLES)
        for name in roles.permissions_of(group.name)
    }
    _give(for_all)
    return len(roles.ROLES)


def _give(wanted: set[tuple[int, int]]) -> None:
    """Let the groups of our roles hold these permissions (group, permission) and no others."""
    given = Group.permissions.through.objects.filter(group__name__in=roles.ROLES)
    held = {
        (group, permission): pk
        for pk, group, permission in given.values_list("pk", "group_id", "permission_id")
    }
    given.filter(pk__in=[pk for pair, pk in held.items() if pair not in wanted]).delete()
    given.model.objects.bulk_create(
        (
            given.model(group_id=group, permission_id=permission)
            for group, permission in sorted(wanted - held.keys())
        ),
        ignore_conflicts=True,
    )
