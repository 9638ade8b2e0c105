from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from desk.navigation import WORKS, Work, works_of
from staff.models import User
from staff.queries import roles_of


def hospital(request: HttpRequest) -> dict[str, str]:
    """The hospital's name, for every title and print."""
    return {"hospital_name": settings.HOSPITAL_NAME}


def frame(request: HttpRequest) -> dict[str, Callable[[], list[str]] | Callable[[], list[Work]]]:
    """What the header shows of the user, read only by pages that have one."""
    user = getattr(request, "user", AnonymousUser())
    return {"navigation": partial(_links, user), "roles": partial(_roles, user)}


def _links(user: User | AnonymousUser) -> list[Work]:
    return works_of(user, works=[work for work in WORKS if work.in_header])


def _roles(user: User | AnonymousUser) -> list[str]:
    return [] if isinstance(user, AnonymousUser) else roles_of(user, timezone.localdate())
