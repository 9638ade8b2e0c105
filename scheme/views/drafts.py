from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme.forms.drafts import NewDraftForm
from scheme.operations.drafting import delete_draft, new_draft
from scheme.operations.publishing import request_publication, withdraw_publication
from scheme.queries.drafts import bases, is_published
from scheme.queries.drafts import drafts as all_drafts
from scheme.views.requests import colleague, draft_or_404
from staff.clock import checked_now
from staff.exceptions import Refusal
from staff.permissions import requires


@require_safe
@requires("scheme.change_scheme")
def drafts(request: HttpRequest) -> HttpResponse:
    """The versions that are being prepared."""
    today = timezone.localdate()
    context = {"pages": all_drafts(today), "may_begin": bool(bases(today))}
    return render(request, "scheme/drafts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def draft_new(request: HttpRequest) -> HttpResponse:
    """Begin a draft as a copy of a published version."""
    versions = bases(timezone.localdate())
    if not versions:
        return render(request, "scheme/scheme_missing.html")
    form = NewDraftForm(request.POST if request.method == "POST" else None, bases=versions)
    if form.is_valid():
        with form.refusals():
            made = new_draft(
                base_id=int(form.cleaned_data["base"]),
                title=form.cleaned_data["title"],
                effective_from=form.cleaned_data["effective_from"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, "已建立草稿，内容与底稿相同；现在可以修改")
            return redirect("scheme:draft", made.pk)
    return render(request, "scheme/draft_new.html", {"form": form})


@require_safe
@requires("scheme.change_scheme")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft: what it changes, and what can be done with it."""
    if is_published(pk):
        return redirect("scheme:version", pk)
    return render(request, "scheme/draft.html", {"page": draft_or_404(pk)})


@require_safe
@requires("scheme.change_scheme")
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft in full beside the version that it takes the place of."""
    return render(request, "scheme/draft_compare.html", {"page": draft_or_404(pk)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def request_to_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Read once more what changes, and ask a second person to publish it."""
    page = draft_or_404(pk)
    if request.method == "POST":
        try:
            request_publication(draft_id=pk, by=colleague(request), now=checked_now())
        except Refusal as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, "已提交申请，等待另一位负责人审批")
        return redirect("scheme:draft", pk)
    return render(request, "scheme/draft_request.html", {"page": page})


@require_POST
@requires("scheme.change_scheme")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own request, so that the draft can be edited again."""
    try:
        withdraw_publication(draft_id=pk, by=colleague(request), now=checked_now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已撤回申请，草稿可以继续修改")
    return redirect("scheme:draft", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away, after being asked once."""
    page = draft_or_404(pk)
    if request.method == "POST":
        try:
            delete_draft(draft_id=pk)
        except Refusal as refusal:
            messages.error(request, refusal.message)
            return redirect("scheme:draft", pk)
        messages.success(request, f"已删除草稿“{page.scheme.title}”")
        return redirect("scheme:drafts")
    return render(request, "scheme/draft_delete.html", {"page": page})
