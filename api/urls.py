import re
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path

from api import errors
from api.app import api
from staff.exceptions import Refusal

# Bytes of an address that are no UTF-8 come from Django as the percent signs they were sent as.
_NOT_UTF8 = re.compile("%[89A-F][0-9A-F]")


def _answering_other_methods(pattern: URLPattern | URLResolver) -> URLPattern:
    """A wrong method is refused in our own words; ninja would say so in plain English."""
    assert isinstance(pattern, URLPattern)
    view: Callable[..., HttpResponseBase] = pattern.callback

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if _NOT_UTF8.search(request.path_info):
            message = "地址中的编号不是 UTF-8 编码，请按 UTF-8 做百分号编码"
            return errors.refused(request, Refusal("unreadable_address", 400, message))
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
