from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.approvals import DecisionForm
from desk.queries.approvals import decision_text, recently_decided
from desk.views.deciding import KINDS, Kind
from desk.views.requests import colleague
from staff.clock import checked_now
from staff.models import Approval
from staff.permissions import requires
from staff.queries import waiting_approvals


@require_safe
@requires("staff.view_approval")
def inbox(request: HttpRequest) -> HttpResponse:
    """Requests that wait for a decision, oldest first, and the latest decisions."""
    context = {"waiting": waiting_approvals(), "decided": recently_decided()}
    return render(request, "desk/approvals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("staff.view_approval")
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One request with what a manager needs to decide it."""
    found = Approval.objects.select_related("requested_by", "decided_by", "withdrawn_by")
    asked = get_object_or_404(found, pk=pk)
    kind = KINDS.get(asked.kind)
    page = kind.page(asked, request) if kind else None
    form = None
    if kind and page and request.user.has_perm(kind.permission):
        form = kind.form(request.POST if request.method == "POST" else None)
        if form.is_valid() and _decided(request, kind, page, form):
            return redirect("approvals")
    context = {
        "approval": asked,
        "kind": kind,
        "page": page,
        "form": form,
        "may_decide": form is not None and asked.is_waiting,
        "own": asked.requested_by == request.user,
        "decision": decision_text(asked),
    }
    return render(request, "desk/approval.html", context)


def _decided(request: HttpRequest, kind: Kind, page: Any, form: DecisionForm) -> bool:
    """Whether the decision was taken; if not, the form says why."""
    decision = form.cleaned_data["decision"]
    with form.refusals():
        sentence, by = form.cleaned_data["sentence"], colleague(request)
        kind.decide(page, decision, sentence, by, checked_now())
        messages.success(request, f"已决定：{dict(form.choices)[decision]}")
    return form.refusal is None
