"""What every desk view takes from its request."""

import unicodedata

from django.http import HttpRequest

from staff.models import User


def colleague(request: HttpRequest) -> User:
    """Who does it; the view's permission let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def on_paper(typed: str) -> str:
    """What was typed into a search box, full-width digits understood; "" when unreadable."""
    written = unicodedata.normalize("NFKC", typed).strip()
    return written[:64] if written.isprintable() else ""
