"""Every way out that is no success: `{"error": {"code", "message", "field", …}}`."""

import logging
from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from staff.exceptions import Refusal
from staff.outages import RETRY_AFTER, outage
from staff.permissions import public

logger = logging.getLogger(__name__)


def refused(request: HttpRequest, refusal: Refusal | type[Refusal]) -> JsonResponse:
    """The answer to what may not be done."""
    assert isinstance(refusal, Refusal)
    error = {
        "code": refusal.code,
        "message": refusal.message,
        "field": refusal.field,
        **refusal.extra,
    }
    response = JsonResponse({"error": error}, status=refusal.status)
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER)
    return response


def unauthenticated(request: HttpRequest, _error: object) -> JsonResponse:
    """The answer to a request without a token that we know."""
    message = "缺少接口令牌，或令牌不正确、已停用；请求头应为 Authorization: Bearer 令牌"
    response = refused(request, Refusal("unauthenticated", 401, message))
    response["WWW-Authenticate"] = "Bearer"
    return response


def unavailable(request: HttpRequest, error: Exception | type[Exception]) -> JsonResponse:
    """The answer while the database is away: the same again, later, is what helps."""
    if refusal := outage(error):
        logger.error("%s %s: %s", request.method, request.path, error)
        return refused(request, refusal)
    return broken(request, error)


def broken(request: HttpRequest, error: object) -> JsonResponse:
    """The answer to a mistake of ours: details go to the log, not to the caller."""
    logger.error("%s %s failed", request.method, request.path, exc_info=True)
    return refused(request, Refusal("internal", 500, "系统出错，本次操作没有完成，请稍后再试"))


@public
@csrf_exempt
def unknown_address(request: HttpRequest) -> JsonResponse:
    """The answer below /api/ where nothing lives."""
    return refused(request, Refusal("unknown_address", 404, "没有这个接口地址，请核对"))


def wrong_method(request: HttpRequest, allowed: str) -> JsonResponse:
    """The answer to a method that the address does not know; `allowed` are those it does."""
    message = f"这个接口地址只接受 {allowed} 请求"
    response = refused(request, Refusal("wrong_method", 405, message))
    response["Allow"] = allowed
    return response
