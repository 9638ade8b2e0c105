from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from desk.middleware import UnreadMiddleware
from staff.exceptions import Refusal
from staff.rules import text


def _request(body: bytes) -> WSGIRequest:
    request = RequestFactory().post("/", b"", content_type="text/plain")
    environ = request.environ | {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    return WSGIRequest(environ)


def test_a_body_that_no_view_read_is_read_before_the_answer() -> None:
    request = _request(b"x" * 200_000)
    answer = UnreadMiddleware(lambda _request: HttpResponse(status=413))(request)
    assert answer.status_code == 413
    assert request.environ["wsgi.input"].read() == b""


def test_a_body_that_the_view_read_is_left_alone() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.body)

    assert UnreadMiddleware(view)(_request(b"abc")).content == b"abc"


def test_an_endless_body_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.middleware._MOST_UNREAD", 100_000)
    request = _request(b"x" * 1_000_000)
    UnreadMiddleware(lambda _request: HttpResponse())(request)
    assert len(request.environ["wsgi.input"].read()) > 700_000


def test_what_a_browser_makes_of_a_surrogate_is_refused() -> None:
    with pytest.raises(Refusal, match="无法识别"):
        text("收据\ufffd", field="receipt_number", label="收据号", longest=64)
