from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from desk.navigation import grouped, works_of
from staff.permissions import requires
from staff.queries import count_waiting


@require_safe
@requires()
def home(request: HttpRequest) -> HttpResponse:
    """Each role's own work."""
    groups = grouped(works_of(request.user))
    waiting = count_waiting() if request.user.has_perm("staff.view_approval") else 0
    return render(request, "desk/home.html", {"groups": groups, "waiting": waiting})
