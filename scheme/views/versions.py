from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from scheme.models import Scheme
from scheme.queries import rules_on, scheme_page
from staff.permissions import requires


@require_safe
@requires("scheme.view_scheme")
def in_force(request: HttpRequest) -> HttpResponse:
    """The rules in force today, as staff would explain them to a patient."""
    today = timezone.localdate()
    rules = rules_on(today)
    if rules is None:
        return render(request, "scheme/scheme_missing.html")
    page = scheme_page(rules.stored_id, today=today)
    return render(request, "scheme/scheme_detail.html", {"page": page})


@require_safe
@requires("scheme.view_scheme")
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of one published version, past or to come."""
    try:
        page = scheme_page(pk, today=timezone.localdate())
    except (Scheme.DoesNotExist, OverflowError) as error:
        raise Http404("没有这个规则版本") from error
    return render(request, "scheme/scheme_detail.html", {"page": page})
