"""Collecting services, and the service cards that come of it (R39)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms.claims import ClaimForm, StopClaimForm
from desk.queries.claims import ServiceCard, cards_to_print, claimable, service_card_page
from desk.queries.patients import PatientPage
from desk.views.cards import SVG
from desk.views.proof import remember_proof, signs_at_once, text_of
from desk.views.requests import colleague, member_or_404
from members.models import Membership
from members.rules.cards import bars_svg, qr_svg
from rewards.models import Claim, Undoing
from rewards.operations.claims import claim_services
from rewards.operations.undoing import undo
from staff.clock import checked_now
from staff.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_claim")
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Services that a member collects; the one that the address names is ticked."""
    page, membership = member_or_404(pk)
    form = _claim_form(request, membership)
    if form.is_valid():
        with form.refusals():
            claims = claim_services(
                membership=membership,
                keys=form.keys(),
                proof=form.proof(),
                by=colleague(request),
                now=checked_now(),
            )
            remember_proof(request, form)
            return _collected(request, page, claims)
    rules = page.position.rules
    context = {
        "page": page,
        "form": form,
        "on_card": rules is not None and rules.service_delivery == "card",
        "at_once": bool(form.initial) and not form.is_bound and signs_at_once(request),
    }
    return render(request, "desk/claim.html", context)


@require_POST
@requires("rewards.add_claim")
def claim_text(request: HttpRequest, pk: int) -> HttpResponse:
    """What the member signs for the services that are ticked."""
    _, membership = member_or_404(pk)
    return text_of(request, _claim_form(request, membership))


@require_safe
@requires("rewards.view_issue")
def service_card(request: HttpRequest, pk: int) -> HttpResponse:
    """What was collected: a service card or a note in the e-file, and what became of it."""
    return render(request, "desk/service_card.html", {"card": claim_or_404(pk)})


@require_safe
@requires("rewards.view_issue")
def to_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The card, with those that were collected together with it, 85.6 mm by 54 mm each."""
    page = claim_or_404(pk)
    context = {"card": page, "cards": cards_to_print(page)}
    return render(request, "desk/service_card_print.html", context)


@require_safe
@requires("rewards.view_issue")
def qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of the card's number as a QR code."""
    return HttpResponse(qr_svg(_code_or_404(pk)), content_type=SVG)


@require_safe
@requires("rewards.view_issue")
def bars(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of the card's number as Code 128."""
    return HttpResponse(bars_svg(_code_or_404(pk)), content_type=SVG)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_undoing")
def stop_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """A card is lost or was a mistake: it is stopped, and the service is open again."""
    page = claim_or_404(pk)
    posted = request.POST if request.method == "POST" else None
    form = StopClaimForm(posted, on_card=page.claim.code is not None)
    if form.is_valid():
        with form.refusals():
            undone = undo(
                claim=page.claim,
                kind=form.undoing_kind(),
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            lost = undone.kind == Undoing.Kind.LOST
            said = f"服务卡 {page.claim.code} 已挂失" if lost else "已撤销领取"
            messages.success(request, f"{said}，{page.claim.item.name}可以重新领取")
            return redirect("patient", page.patient.pk)
    return render(request, "desk/claim_stop.html", {"card": page, "form": form})


def claim_or_404(pk: int) -> ServiceCard:
    """The claim that the address names."""
    try:
        return service_card_page(pk, today=timezone.localdate())
    except (Claim.DoesNotExist, OverflowError) as error:
        raise Http404("没有这次领取") from error


def _code_or_404(pk: int) -> str:
    code = claim_or_404(pk).claim.code
    if code is None:
        raise Http404("这次领取没有服务卡")
    return code


def _claim_form(request: HttpRequest, membership: Membership) -> ClaimForm:
    today = timezone.localdate()
    posted = request.POST if request.method == "POST" else None
    named = request.GET.urlencode()
    return ClaimForm(
        posted,
        wanted=claimable(membership.pk, today=today),
        membership=membership,
        day=today,
        initial={"services": [named]} if named else {},
    )


def _collected(request: HttpRequest, page: PatientPage, claims: list[Claim]) -> HttpResponse:
    """Cards are printed next; a note in the e-file is done."""
    if claims[0].code:
        messages.success(request, f"已领取 {len(claims)} 张服务卡，请打印后交给会员")
        return redirect("service_card_print", claims[0].pk)
    messages.success(request, f"已登记领取 {len(claims)} 项服务")
    return redirect("patient", page.patient.pk)
