"""Colleagues with a role."""

from itertools import count

from django.contrib.auth.models import Group

from staff.models import User

_numbers = count(1)


def user(*roles: str, name: str = "", password: str = "") -> User:
    """A colleague who holds these roles; with a password if he is to log in."""
    number = next(_numbers)
    made = User(username=f"user{number}", name=name or f"同事{number}")
    made.set_password(password) if password else made.set_unusable_password()
    made.save()
    for role in roles:
        made.groups.add(Group.objects.get_or_create(name=role)[0])
    return made
