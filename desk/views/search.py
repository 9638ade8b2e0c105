from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.queries.claims import ServiceCard, scanned_card
from desk.queries.search import AS_ONE_TYPES
from desk.queries.search import search as search_patients
from desk.views.requests import on_paper
from members.rules import asked
from staff.permissions import requires


@require_safe
@requires("members.view_patient")
def patients(request: HttpRequest) -> HttpResponse:
    """The search by an address, for what tells no number of a person (R41)."""
    typed = on_paper(request.GET.get("q", ""))
    if asked(typed).may_tell_a_person:
        return render(request, "desk/patients.html", {"in_address": True})
    return _found(request, typed, paying=_paying(request, request.GET.get("for")))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.view_patient")
def search(request: HttpRequest) -> HttpResponse:
    """What was typed into a search box, and Enter. Only a name goes on into the address (R41)."""
    if request.method != "POST":
        # The browser's way back to an answer that stands in no address.
        return redirect("patients")
    typed = on_paper(request.POST.get("q", ""))
    paying = _paying(request, request.POST.get("for"))
    if typed and not any(map(str.isdigit, typed)):
        kept = {"q": typed, "for": "pay"} if paying else {"q": typed}
        return redirect(f"{reverse('patients')}?{urlencode(kept)}")
    return _found(request, typed, paying=paying)


@require_POST
@requires("members.view_patient")
def search_live(request: HttpRequest) -> HttpResponse:
    """The first who fit, while one types."""
    typed = on_paper(request.POST.get("q", ""))
    paying = _paying(request, request.POST.get("for"))
    today = timezone.localdate()
    hits = search_patients(typed, today=today, at_most=AS_ONE_TYPES)
    context: dict[str, object] = {"q": typed, "hits": hits, "target": _target(paying)}
    if card := scanned_card(typed, today=today):
        context |= {"service_card": card, "card_url": _to_card(request, card)}
    return render(request, "desk/_search_hits.html", context)


def _found(request: HttpRequest, typed: str, *, paying: bool) -> HttpResponse:
    """One hit goes straight to it, several are listed, none offers a new file."""
    if card := scanned_card(typed, today=timezone.localdate()):
        return redirect(_to_card(request, card))
    hits = search_patients(typed, today=timezone.localdate())
    if hits.only:
        patient = hits.only.patient
        if typed in hits.only.absorbed:
            messages.info(request, f"档案号 {typed} 已并入 {patient.file_number}")
        return redirect(_target(paying), patient.pk)
    context = {"q": typed, "hits": hits, "target": _target(paying), "paying": paying}
    return render(request, "desk/patients.html", context)


def _paying(request: HttpRequest, wanted: str | None) -> bool:
    return wanted == "pay" and request.user.has_perm("points.add_receipt")


def _target(paying: bool) -> str:
    return "take_payment" if paying else "patient"


def _to_card(request: HttpRequest, card: ServiceCard) -> str:
    """To using what the card stands for; one that is no longer good says so on its own page."""
    if card.is_live and request.user.has_perm("rewards.add_use"):
        return f"{reverse('use_service', args=[card.patient.pk])}?{card.address}"
    return reverse("service_card", args=[card.claim.pk])
