from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path

from api import errors
from api.app import api


def _answering_other_methods(pattern: URLPattern | URLResolver) -> URLPattern:
    """A wrong method is refused in our own words; ninja would say so in plain English."""
    assert isinstance(pattern, URLPattern)
    view: Callable[..., HttpResponseBase] = pattern.callback

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code != 405:
            return response
        return errors.wrong_method(request, response["Allow"])

    pattern.callback = answer
    return pattern


_endpoints, _app, _namespace = api.urls

urlpatterns = [
    path("v1/", errors.unknown_address),
    path("v1/", ([_answering_other_methods(each) for each in _endpoints], _app, _namespace)),
    re_path("", errors.unknown_address),
]
