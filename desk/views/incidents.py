"""What goes wrong has a number: the page shows it, the log tells under it what happened."""

import logging
import re
import secrets

from django.http import HttpRequest

# No sign that can be taken for another when it is read out over the telephone.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 6
_LONG_NUMBER = re.compile(r"\d{7,}[\dXx]?")

logger = logging.getLogger(__name__)


def log_incident(request: HttpRequest, status: int, *, why: str = "") -> str:
    """The number of what went wrong with `request`, logged with method, path and user.

    The log gets no query, no field and no number that could be a patient's; for 500 it gets the
    traceback of the exception being handled.
    """
    number = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    path = _LONG_NUMBER.sub("…", request.path)
    level = logging.ERROR if status >= 500 else logging.WARNING
    told = (number, status, request.method, path, _username(request), why)
    logger.log(level, "%s: %s %s %s user=%s %s", *told, exc_info=status == 500)
    return number


def _username(request: HttpRequest) -> str:
    """Who is known to have asked; the database, which may be away, is not."""
    user = getattr(request, "_cached_user", None)
    return getattr(user, "username", "") or "-"
