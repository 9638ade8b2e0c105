from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms.merging import MergeForm, ReasonForm, TwoFilesForm
from desk.queries.ledger import ledger_page, lines
from desk.queries.merging import (
    Comparison,
    comparison,
    holding_merge,
    pairs,
    two_files,
    waiting_requests,
)
from desk.views.requests import colleague
from members.models import Patient
from members.operations.merging import (
    mark_distinct,
    request_merge,
    request_undo,
    withdraw_request,
)
from members.queries import suspects as suspect_files
from scheme.queries import rules_on
from staff.clock import checked_now
from staff.exceptions import Refusal
from staff.permissions import requires

ASKED = "已提交申请，等待主管或总经理审批"


@require_safe
@requires("members.view_filemerge")
def suspects(request: HttpRequest) -> HttpResponse:
    """Files that may be one person's, what waits about them, and two numbers to compare."""
    form = TwoFilesForm(request.GET if "one" in request.GET else None)
    if form.is_valid():
        with form.refusals():
            one, other = two_files(form.cleaned_data["one"], form.cleaned_data["other"])
            return redirect("compare_files", *sorted((one.pk, other.pk)))
    page = suspect_files(request.GET.get("page", "1"))
    context = {"form": form, "rows": page, "pairs": pairs(page), "waiting": waiting_requests()}
    return render(request, "desk/merge_suspects.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.view_filemerge")
def compare(request: HttpRequest, one: int, other: int) -> HttpResponse:
    """Two files beside each other; the front desk asks for their merge."""
    page = _comparison_or_404(one, other)
    may_ask = request.user.has_perm("members.add_filemerge") and page.asked is None
    asks = request.method == "POST" and may_ask
    form = MergeForm(request.POST if asks else None, keepable=page.keepable())
    if form.is_valid():
        numbers = {side.patient.pk: side.patient.file_number for side in page.sides}
        kept = numbers.pop(form.cleaned_data["kept"])
        with form.refusals():
            request_merge(
                kept_number=kept,
                absorbed_number=numbers.popitem()[1],
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, ASKED)
            return redirect("suspects")
    context = {"page": page, "form": form, "may_ask": may_ask}
    return render(request, "desk/merge_compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.add_distinctfiles")
def distinct(request: HttpRequest, one: int, other: int) -> HttpResponse:
    """Say that two files are two people's, and by what one knows."""
    page = _comparison_or_404(one, other)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        first, second = (side.patient.file_number for side in page.sides)
        with form.refusals():
            mark_distinct(
                file_numbers=(first, second),
                reason=form.cleaned_data["reason"],
                by=colleague(request),
            )
            messages.success(request, f"已登记：{first} 和 {second} 不是同一人")
            return redirect("suspects")
    return render(request, "desk/merge_distinct.html", {"page": page, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.add_filemerge")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a merge to be taken back."""
    merge = holding_merge(pk)
    if merge is None:
        raise Http404("没有这次合并")
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form.refusals():
            request_undo(
                merge_id=merge.pk,
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, ASKED)
            return redirect("patient", merge.kept.root_id)
    return render(request, "desk/merge_undo.html", {"merge": merge, "form": form})


@require_safe
@requires("members.view_patient", "points.view_pointsentry")
def absorbed_ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """The points ledger that a merged file has kept; what came later stands on the file left."""
    merge = holding_merge(pk)
    if merge is None:
        raise Http404("没有这次合并")
    ledger = ledger_page(merge.absorbed_id, request.GET.get("page", "1"))
    rules = rules_on(timezone.localdate())
    context = {
        "merge": merge,
        "ledger": ledger,
        "lines": lines(ledger),
        "plan_b": bool(rules and rules.plan_b),
    }
    return render(request, "desk/merge_ledger.html", context)


@require_POST
@requires("members.add_filemerge")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own request."""
    try:
        asked = withdraw_request(approval_id=pk, by=colleague(request), now=checked_now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已撤回申请：{asked.summary}")
    return redirect("suspects")


def _comparison_or_404(one: int, other: int) -> Comparison:
    if one == other:
        raise Http404("请比较两份不同的档案")
    try:
        return comparison(one, other, today=timezone.localdate())
    except (Patient.DoesNotExist, OverflowError) as error:
        raise Http404("没有这份档案，或它已并入另一份") from error
