import json
import re
from typing import NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from staff.exceptions import Refusal

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def body_of(request: HttpRequest) -> dict[str, object]:
    """The JSON object of the body, for the parsers that pages and imports use too.

    Raises Refusal 413 when it is too large, 400 when it is not JSON, 422 when it is no object or
    a text in it holds control characters or surrogates.
    """
    return _object(_json(_text(request)))


def body_or_nothing(request: HttpRequest) -> dict[str, object]:
    """The JSON object of a body that may be missing. Raises Refusal as `body_of` does."""
    text = _text(request).strip()
    return {} if text in ("", "null") else _object(_json(text))


def _object(given: object) -> dict[str, object]:
    if not isinstance(given, dict):
        raise Refusal("not_an_object", 422, '请求内容应为一个 JSON 对象，例如 {"name": "张三"}')
    for field, value in given.items():
        # The parsers forgive what surrounds a pasted cell; a program has no such excuse.
        if isinstance(value, str) and _UNPRINTABLE.search(value):
            raise Refusal("unprintable", 422, "文字中含有控制字符或无法识别的字符", field)
    return given


def _text(request: HttpRequest) -> str:
    try:
        return _bytes(request).decode("utf-8-sig")
    except RequestDataTooBig as error:
        raise Refusal("too_large", 413, "请求内容太大，单次请求不能超过 1 MB") from error
    except UnicodeDecodeError as error:
        raise Refusal("unreadable", 400, "请求内容不是 UTF-8 编码的 JSON") from error
    except UnreadablePostError as error:
        raise Refusal("unreadable", 400, "请求内容没有传送完整，请重发") from error


def _bytes(request: HttpRequest) -> bytes:
    # Django reads as much as Content-Length says; many clients send chunks without it instead.
    if request.META.get("CONTENT_LENGTH") or not request.META.get("wsgi.input_terminated"):
        return request.body
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    try:
        content: bytes = request.META["wsgi.input"].read(most + 1)
    except Exception as error:  # Each server has its own for broken chunks.
        raise UnreadablePostError(*error.args) from error
    if len(content) > most:
        raise RequestDataTooBig
    return content


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise Refusal("unreadable", 400, "请求内容不是有效的 JSON，请检查格式") from error


def _not_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
