from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.approvals import ReviewDecisionForm
from desk.queries.approvals import decision_text, recently_decided, review_page
from desk.views.requests import colleague
from points.models import TierReview
from points.operations.reviews import decide_review
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
@requires("staff.view_approval", "points.change_tierreview")
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """One request with what a manager needs to decide it."""
    found = Approval.objects.select_related("requested_by", "decided_by")
    asked = get_object_or_404(found, pk=pk)
    page = review_page(asked, timezone.localdate())
    form = ReviewDecisionForm(request.POST if request.method == "POST" else None)
    if page and form.is_valid():
        with form.refusals():
            review = decide_review(
                review_id=page.review.pk,
                decision=TierReview.Decision(form.cleaned_data["decision"]),
                sentence=form.cleaned_data["sentence"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, f"已决定：{review.get_decision_display()}")
            return redirect("approvals")
    context = {
        "approval": asked,
        "page": page,
        "form": form,
        "may_decide": page is not None and asked.decided_at is None,
        "own": asked.requested_by == request.user,
        "decision": decision_text(asked),
    }
    return render(request, "desk/approval.html", context)
