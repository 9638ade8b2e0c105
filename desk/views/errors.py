"""Own pages for what goes wrong. They read neither the session nor the database."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from staff.permissions import public


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(400)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(403, request)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(404, request)


def failed(request: HttpRequest) -> HttpResponse:
    return _page(500)


@public
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old, or another site sent it."""
    return _page(403, template="csrf")


def _page(status: int, request: HttpRequest | None = None, *, template: str = "") -> HttpResponse:
    context = {"hospital_name": settings.HOSPITAL_NAME}
    page = render_to_string(f"{template or status}.html", context, request)
    return HttpResponse(page, status=status)
