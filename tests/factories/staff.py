"""Colleagues with a role, and what they sent in."""

from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone

from staff.models import Import, User

_numbers = count(1)


def user(*roles: str, name: str = "", password: str = "") -> User:
    """A colleague who holds these roles; with a password if he is to log in."""
    number = next(_numbers)
    made = User(username=f"user{number}", name=name or f"同事{number}")
    made.set_password(password) if password else made.set_unusable_password()
    made.save()
    if roles:
        made.groups.set(Group.objects.filter(name__in=roles))
    return made


def checked_import(**values: object) -> Import:
    """A file of patients without rows that waits to be saved."""
    given = {
        "kind": Import.Kind.PATIENTS,
        "state": Import.State.CHECKED,
        "is_staged": True,
        "file_name": "病人.xlsx",
        "digest": "0" * 64,
        "by": values.get("by") or user(),
        "created_at": timezone.now(),
        "row_count": 0,
    }
    return Import.objects.create(**given | values)
