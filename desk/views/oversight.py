from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk.forms.payments import DayForm
from desk.queries.oversight import oversight_page
from staff.permissions import requires


@require_safe
@requires("points.view_correction")
def oversight(request: HttpRequest) -> HttpResponse:
    """The daily list: own refunds, corrections, late entries, imports, what was undone (C39)."""
    today = timezone.localdate()
    form = DayForm({"day": request.GET.get("day") or today.isoformat()})
    page = oversight_page(form.value() or today)
    return render(request, "desk/oversight.html", {"page": page, "form": form})
