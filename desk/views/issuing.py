"""Handing over gifts at the till, putting them off, exchanging them, taking them back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from desk.forms.issuing import GiftChangeForm, IssueForm, PutOffForm, UndoIssueForm
from desk.queries.due import Due, due_at, issue_to_undo, other_gifts
from desk.queries.patients import PatientPage
from desk.views.proof import remember_proof, signs_at_once, text_of
from desk.views.requests import colleague, key_in, member_or_404, patient_or_404
from members.models import Membership
from rewards.models import Issue, Undoing
from rewards.operations.gift_changes import request_change, withdraw_change
from rewards.operations.issuing import issue_gifts
from rewards.operations.putting_off import put_off as put_off_gifts
from rewards.operations.undoing import undo
from staff.clock import checked_now
from staff.exceptions import Refusal
from staff.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_issue")
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """The due gifts, ticked; signature or slip number, and they are handed over."""
    page, membership, due = _due_or_404(pk)
    form = _issue_form(request, membership, due)
    if form.is_valid():
        with form.refusals():
            issued = issue_gifts(
                membership=membership,
                keys=form.keys(),
                proof=form.proof(),
                by=colleague(request),
                now=checked_now(),
                changes=form.changes(),
            )
            remember_proof(request, form)
            messages.success(request, f"已发放：{_named(issued)}")
            return redirect(_back(request, page))
    at_once = not form.is_bound and signs_at_once(request)
    if not at_once and not form.is_bound:
        form.fields["slip_number"].widget.attrs["autofocus"] = True
    context = {"page": page, "due": due, "form": form, "at_once": at_once}
    return render(request, "desk/issue.html", context | _ways(request, page))


@require_POST
@requires("rewards.add_issue")
def issue_text(request: HttpRequest, pk: int) -> HttpResponse:
    """What the member signs for the gifts that are ticked."""
    _, membership, due = _due_or_404(pk)
    return text_of(request, _issue_form(request, membership, due))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_deferral")
def put_off(request: HttpRequest, pk: int) -> HttpResponse:
    """The member doesn't take a gift today: why."""
    page, membership, due = _due_or_404(pk)
    form = PutOffForm(request.POST if request.method == "POST" else None, gifts=due.gifts)
    if form.is_valid():
        with form.refusals():
            put_off_gifts(
                membership=membership,
                keys=form.keys(),
                reason=form.reason(),
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, "已记下，今天不再提示发放")
            return redirect(_back(request, page))
    context = {"page": page, "due": due, "form": form}
    return render(request, "desk/put_off.html", context | _ways(request, page))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_giftchange")
def gift_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a manager for another gift than the one that is due."""
    page, membership, due = _due_or_404(pk)
    posted = request.POST if request.method == "POST" else None
    form = GiftChangeForm(posted, gifts=due.gifts, others=other_gifts())
    if form.is_valid():
        with form.refusals():
            request_change(
                membership=membership,
                key=form.key(),
                other=form.cleaned_data["other"],
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, "已提交换发申请，批准后会在这位会员的页面提示")
            return redirect(_back(request, page))
    context = {"page": page, "due": due, "form": form}
    return render(request, "desk/gift_change.html", context | _ways(request, page))


@require_POST
@requires("rewards.add_giftchange")
def withdraw_gift_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own request for another gift."""
    try:
        withdraw_change(change_id=pk, by=colleague(request), now=checked_now())
    except Refusal as refusal:
        if refusal.status == 404:
            raise Http404(refusal.message) from refusal
        messages.error(request, refusal.message)
    else:
        messages.success(request, "已撤回换发申请")
    patient = key_in(request.POST.get("patient", ""))
    return redirect("patient", patient) if patient else redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_undoing")
def undo_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """A gift that was registered by mistake is due again; one of a lost level was brought back."""
    found, recover = _issue_or_404(pk)
    page = patient_or_404(found.membership.patient.root_id)
    kind = Undoing.Kind.RETURNED if recover else Undoing.Kind.MISTAKE
    posted = request.POST if request.method == "POST" else None
    form = UndoIssueForm(posted, initial={"kind": kind})
    if form.is_valid():
        with form.refusals():
            undone = undo(
                issue=found,
                kind=Undoing.Kind(form.cleaned_data["kind"]),
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            said = "已登记追回" if undone.kind == Undoing.Kind.RETURNED else "已撤销发放"
            messages.success(request, f"{said}：{found.given_item}")
            return redirect(_back(request, page))
    context = {"page": page, "issue": found, "form": form, "recover": recover}
    return render(request, "desk/undo_issue.html", context | _ways(request, page))


def _due_or_404(pk: int) -> tuple[PatientPage, Membership, Due]:
    page, membership = member_or_404(pk)
    return page, membership, due_at(page.position, today=timezone.localdate())


def _issue_or_404(pk: int) -> tuple[Issue, bool]:
    try:
        return issue_to_undo(pk, today=timezone.localdate())
    except (Issue.DoesNotExist, OverflowError) as error:
        raise Http404("没有这次发放") from error


def _issue_form(request: HttpRequest, membership: Membership, due: Due) -> IssueForm:
    posted = request.POST if request.method == "POST" else None
    return IssueForm(posted, gifts=due.gifts, membership=membership, day=due.day)


def _named(issued: list[Issue]) -> str:
    return "、".join(f"{row.given_item} 1 {row.given_item.unit}" for row in issued)


def _receipt(request: HttpRequest) -> int | None:
    """The receipt on whose page the band was, for those who may see it."""
    asked = request.POST.get("receipt") or request.GET.get("receipt", "")
    return key_in(asked) if request.user.has_perm("points.view_receipt") else None


def _back(request: HttpRequest, page: PatientPage) -> str:
    receipt = _receipt(request)
    return reverse("receipt", args=[receipt]) if receipt else _patient(page)


def _patient(page: PatientPage) -> str:
    return reverse("patient", args=[page.patient.pk])


def _ways(request: HttpRequest, page: PatientPage) -> dict[str, object]:
    """Where the page leads back to."""
    receipt = _receipt(request)
    return {
        "receipt": receipt,
        "back": _back(request, page),
        "back_label": "收据" if receipt else "病人页",
    }
