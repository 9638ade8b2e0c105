"""The catalogue that the member looks at, spending points, giving them back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.redemption import CancelRedemptionForm, RedeemForm
from desk.queries.patients import PatientPage
from desk.queries.redemption import RedemptionPage, people_to_give, redemption_page, tooth_chart
from desk.views.requests import colleague, member_or_404
from members.models import Membership
from rewards.models import Redemption
from rewards.operations.redemption import cancel, redeem
from rewards.queries.catalogue import Catalogue, Offer
from rewards.queries.catalogue import catalogue as catalogue_of
from staff.clock import checked_now
from staff.permissions import requires

_AND_ISSUE = "issue"


@require_safe
@requires("rewards.view_issue")
def catalogue(request: HttpRequest, pk: int) -> HttpResponse:
    """What points buy, large enough for the member across the desk."""
    page, _, shelf = _shelf_or_404(pk)
    context = {"page": page, "catalogue": shelf}
    return render(request, "desk/catalogue.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_redemption")
def redeem_item(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """How many, which teeth, for whom; the card, and it is bought."""
    page, membership, shelf = _shelf_or_404(pk)
    offer = _offer_or_404(shelf, code)
    posted = request.POST if request.method == "POST" else None
    form = RedeemForm(posted, item=offer.item, people=people_to_give(page.patient))
    if form.is_valid():
        with form.refusals():
            redeemed = redeem(
                new=form.new(membership_number=membership.number),
                shown=form.proof(),
                by=colleague(request),
                now=checked_now(),
            )
            bought = redeemed.redemption
            messages.success(
                request,
                f"已兑换 {bought.item} {bought.quantity} {bought.item.unit}，"
                f"扣 {bought.points:,} 分，可用积分余 {redeemed.available:,} 分",
            )
            if request.POST.get("then") == _AND_ISSUE:
                return redirect("issue", page.patient.pk)
            return redirect("redemption", bought.pk)
    context = {"page": page, "catalogue": shelf, "offer": offer, "form": form}
    if "teeth" in form.fields:
        context["jaws"] = tooth_chart(form.chosen_teeth)
    return render(request, "desk/redeem.html", context)


@require_safe
@requires("rewards.view_issue")
def redemption(request: HttpRequest, pk: int) -> HttpResponse:
    """One redemption: what it cost, what became of its pieces."""
    return render(request, "desk/redemption.html", {"page": _redemption_or_404(pk)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_redemptioncancel")
def cancel_redemption(request: HttpRequest, pk: int) -> HttpResponse:
    """Points go back for what was not used, with a reason (R24)."""
    page = _redemption_or_404(pk)
    form = CancelRedemptionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form.refusals():
            cancelled = cancel(
                number=page.redemption.number,
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(
                request,
                f"已取消兑换，退回 {cancelled.redemption.points:,} 分，"
                f"可用积分 {cancelled.available:,} 分",
            )
            return redirect("redemption", pk)
    return render(request, "desk/cancel_redemption.html", {"page": page, "form": form})


def _shelf_or_404(pk: int) -> tuple[PatientPage, Membership, Catalogue]:
    page, membership = member_or_404(pk)
    rules = page.position.rules
    if rules is None or not rules.plan_b:
        raise Http404("现行方案没有开通积分兑换")
    shelf = catalogue_of(page.patient.pk, rules, day=timezone.localdate())
    return page, membership, shelf


def _offer_or_404(shelf: Catalogue, code: str) -> Offer:
    offer = shelf.offer(code)
    if offer is None:
        raise Http404("这一项不在现行的兑换目录中")
    return offer


def _redemption_or_404(pk: int) -> RedemptionPage:
    try:
        return redemption_page(pk, today=timezone.localdate())
    except (Redemption.DoesNotExist, OverflowError) as error:
        raise Http404("没有这次兑换") from error
