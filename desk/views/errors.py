"""Own pages for what goes wrong, each with its number in the log.

Those for mistakes of ours and for a database that is away read neither session nor database.
"""

import sys
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone

from desk.views.incidents import log_incident
from staff.exceptions import Refusal
from staff.outages import RETRY_AFTER, outage
from staff.permissions import holders_of, name_of_right, public

Fields = list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Missing:
    """A right that somebody lacks, and the roles that have it."""

    right: str
    roles: list[str]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The browser sent what cannot be read."""
    return _page(request, 400, why=type(exception).__name__)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Says which right is missing and which roles have it."""
    missing = _missing(request)
    names = ", ".join(permission for permission, _ in missing)
    return _page(request, 403, why=names, frame=True, missing=[told for _, told in missing])


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No page has this address, or what it names is not there."""
    known = request.resolver_match is not None
    return _page(request, 404, frame=True, known=known)


def failed(request: HttpRequest) -> HttpResponse:
    """The answer to a mistake of ours, and to a database lost where no view was at work."""
    if refusal := outage(sys.exc_info()[1]):
        return unavailable(request, refusal)
    return _page(request, 500)


def unavailable(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page while the database is away: a button sends again what was typed."""
    page = _page(request, refusal.status, why=refusal.code, refusal=refusal, again=_sent(request))
    page["Retry-After"] = str(RETRY_AFTER)
    return page


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal that no form caught."""
    return _page(
        request, refusal.status, "refused.html", why=refusal.code, frame=True, refusal=refusal
    )


def not_like_this(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """The page of an address that only takes forms, opened by hand or loaded again."""
    page = _page(request, 405, frame=True)
    page["Allow"] = answer["Allow"]
    return page


@public
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or another site sent it; only an old one of ours is offered again."""
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    token = {"csrfmiddlewaretoken": get_token(request)}
    again = [(name, values) for name, values in _sent(request) if name not in token]
    if not ours:
        again = []
    return _page(request, 403, "csrf.html", why=reason, again=again, token=token)


def _sent(request: HttpRequest) -> Fields:
    """The fields of the form; never a password, and no files."""
    if request.method != "POST" or request.FILES:
        return []
    fields = list(request.POST.lists())
    return [] if any("password" in name for name, _ in fields) else fields


def _missing(request: HttpRequest) -> list[tuple[str, Missing]]:
    needed = getattr(
        request.resolver_match and request.resolver_match.func, "required_permissions", ()
    )
    return [
        (permission, Missing(name_of_right(permission), holders_of(permission)))
        for permission in needed
        if not request.user.has_perm(permission)
    ]


def _page(
    request: HttpRequest,
    status: int,
    template: str = "",
    *,
    why: str = "",
    frame: bool = False,
    **more: object,
) -> HttpResponse:
    context = {
        "hospital_name": settings.HOSPITAL_NAME,
        "number": log_incident(request, status, why=why),
        "at": timezone.localtime(),
        **more,
    }
    html = render_to_string(template or f"{status}.html", context, request if frame else None)
    page = HttpResponse(html, status=status)
    # Django would log the same once more, without the number and with the whole path.
    page._has_been_logged = True  # type: ignore[attr-defined]
    return page
