from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms.cards import ReplaceCardForm
from desk.queries.cards import CardPage, card_page
from desk.views.requests import colleague, key_in
from members.models import Card
from members.operations.cards import replace_card
from members.rules.cards import bars_svg, qr_svg
from points.operations.cards import hand_over_card
from staff.clock import checked_now
from staff.exceptions import Refusal
from staff.permissions import requires

SVG = "image/svg+xml"


@require_safe
@requires("members.view_card")
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """A card with its number for scanners, what is due, and the cards before it."""
    return render(request, "desk/card.html", {"page": card_or_404(pk)})


@require_safe
@requires("members.view_card")
def on_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The electronic card: as large as a phone, for the member to take a picture of."""
    return render(request, "desk/card_phone.html", {"page": card_or_404(pk)})


@require_safe
@requires("members.view_card")
def to_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The physical card, 85.6 mm by 54 mm."""
    return render(request, "desk/card_print.html", {"page": card_or_404(pk)})


@require_safe
@requires("members.view_card")
def qr(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of the card's number as a QR code."""
    return HttpResponse(qr_svg(card_or_404(pk).card.number), content_type=SVG)


@require_safe
@requires("members.view_card")
def bars(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture of the card's number as Code 128."""
    return HttpResponse(bars_svg(card_or_404(pk).card.number), content_type=SVG)


@require_POST
@requires("members.change_card")
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """The physical card was handed over; then back to the page that asked for it."""
    try:
        given = hand_over_card(card_id=pk, by=colleague(request), now=checked_now())
    except Refusal as refusal:
        if refusal.status == 404:
            raise Http404(refusal.message) from refusal
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已登记发卡：卡号 {given.number}")
    for page in ("receipt", "patient"):
        if (key := key_in(request.POST.get(page, ""))) is not None:
            return redirect(page, key)
    return redirect("card", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.change_card")
def replace(request: HttpRequest, pk: int) -> HttpResponse:
    """A lost or damaged card dies at once, the next one with its own number takes its place."""
    page = card_or_404(pk)
    form = ReplaceCardForm(
        request.POST if request.method == "POST" else None,
        initial={"document_shown": page.patient.document_type},
    )
    if form.is_valid():
        with form.refusals():
            fresh = replace_card(
                card_id=pk, by=colleague(request), now=checked_now(), **form.given()
            )
            messages.success(
                request, f"原卡 {page.card.number} 已停用，新卡号 {fresh.number}，立即可用"
            )
            return redirect("card", fresh.pk)
    return render(request, "desk/card_replace.html", {"page": page, "form": form})


def card_or_404(pk: int) -> CardPage:
    """The card that the address names."""
    try:
        return card_page(pk, today=timezone.localdate())
    except (Card.DoesNotExist, OverflowError) as error:
        raise Http404("没有这张会员卡") from error
