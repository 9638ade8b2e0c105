from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from desk.forms.unclaimed import TABS, UnclaimedForm
from desk.queries.unclaimed import unclaimed_page
from scheme.queries import rules_on
from staff.permissions import requires


@require_safe
@requires("rewards.view_issue")
def unclaimed(request: HttpRequest) -> HttpResponse:
    """Who has gifts to collect, and whose services lapse soon."""
    today = timezone.localdate()
    rules = rules_on(today)
    form = UnclaimedForm(request.GET.dict(), rules.tiers if rules else ())
    rows = unclaimed_page(form.choice(today=today), request.GET.get("page", "1"), today=today)
    tabs = [
        {
            "title": title,
            "url": f"?tab={code}",
            "current": code == form.tab,
            "count": rows.paginator.count if code == form.tab else None,
        }
        for code, (title, _) in TABS.items()
    ]
    context = {"rows": rows, "form": form, "tabs": tabs}
    return render(request, "desk/unclaimed.html", context)
