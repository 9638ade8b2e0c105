from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers

from desk.views.errors import not_like_this, refused, unavailable
from staff.exceptions import Refusal
from staff.outages import outage

_CHUNK = 1 << 16
_MOST_UNREAD = 50_000_000


class RefusalMiddleware:
    """A refusal that no form caught, and a database that is away, become a page of their own.

    So does an address that only takes forms: reloading the answer to one opens it without any.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        bare = isinstance(answer, HttpResponseNotAllowed) and not answer.content
        return not_like_this(request, answer) if bare and request.method == "GET" else answer

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if refusal := outage(exception):
            return unavailable(request, refusal)
        if not isinstance(exception, Refusal):
            return None
        return refused(request, exception)


class PrivateMiddleware:
    """No page stays in a browser's cache: after logging out, 后退 shows no patient."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        add_never_cache_headers(response)
        return response


class UnreadMiddleware:
    """What was refused unread is still read: a browser cut off while sending shows no answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        left = _MOST_UNREAD
        with suppress(OSError):
            while left > 0 and (chunk := request.read(_CHUNK)):
                left -= len(chunk)
        return response
