from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from desk.navigation import Group, Link, navigation_of
from staff.models import User
from staff.queries import roles_of


def hospital(request: HttpRequest) -> dict[str, str]:
    """The hospital's name, for every title and print."""
    return {"hospital_name": settings.HOSPITAL_NAME}


def frame(
    request: HttpRequest,
) -> dict[str, Callable[[], list[str]] | Callable[[], list[Group[Link]]]]:
    """What the frame shows of the user, read only by pages that have one."""
    user = getattr(request, "user", AnonymousUser())
    return {
        "navigation": partial(navigation_of, user, request.path, _page(request)),
        "roles": partial(_roles, user),
    }


def _page(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match else ""


def _roles(user: User | AnonymousUser) -> list[str]:
    return [] if isinstance(user, AnonymousUser) else roles_of(user, timezone.localdate())
