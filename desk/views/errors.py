"""Own pages for what goes wrong. They read neither the session nor the database."""

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from staff.exceptions import Refusal
from staff.outages import RETRY_AFTER, outage
from staff.permissions import public


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(400)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(403, request)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(404, request)


def failed(request: HttpRequest) -> HttpResponse:
    """The answer to a mistake of ours, and to a database lost where no view was at work."""
    if refusal := outage(sys.exc_info()[1]):
        return unavailable(request, refusal)
    return _page(500)


def unavailable(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page while the database is away: a button sends again what was typed."""
    page = _page(refusal.status, refusal=refusal, again=_sent(request))
    page["Retry-After"] = str(RETRY_AFTER)
    return page


def _sent(request: HttpRequest) -> list[tuple[str, list[str]]]:
    """The fields of the form; never a password, and no files."""
    if request.method != "POST" or request.FILES:
        return []
    fields = list(request.POST.lists())
    return [] if any("password" in name for name, _ in fields) else fields


@public
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or another site sent it."""
    return _page(403, template="csrf")


def _page(
    status: int, request: HttpRequest | None = None, *, template: str = "", **more: object
) -> HttpResponse:
    context = {"hospital_name": settings.HOSPITAL_NAME, **more}
    page = render_to_string(f"{template or status}.html", context, request)
    return HttpResponse(page, status=status)
