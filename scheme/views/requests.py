"""What the pages of drafts take from their request."""

from django.http import Http404, HttpRequest
from django.utils import timezone

from scheme.models import Scheme
from scheme.queries.drafts import DraftPage, draft_page
from staff.models import User


def colleague(request: HttpRequest) -> User:
    """Who does it; the view's permission let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def draft_or_404(pk: int) -> DraftPage:
    """The draft that the address names."""
    try:
        return draft_page(pk, today=timezone.localdate())
    except (Scheme.DoesNotExist, OverflowError) as error:
        raise Http404("没有这份草稿，可能已发布或被删除") from error
