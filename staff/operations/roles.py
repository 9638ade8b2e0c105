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
    for role in roles.ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in roles.permissions_of(role)])
    return len(roles.ROLES)
