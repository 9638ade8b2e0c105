"""Phone, document and address in full, each look with a reason on record (R41)."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.privacy import REASONS, AccessesForm, RevealForm
from desk.views.requests import colleague, file_or_404, key_in
from members.models import Patient
from members.operations.access import record_access
from members.queries.access import (
    accesses_between,
    accesses_of,
    known_details,
    shown_details,
)
from staff.permissions import requires

SHOWN_FOR = 30
ACCESSES_A_PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.view_patient", "members.view_personal")
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, put it on record, show the details, and go back after 30 seconds.

    A list that has asked in place gets the details alone.
    """
    patient = file_or_404(pk)
    back = _way_back(request, patient)
    asked = {"what": request.GET.getlist("what"), "back": back}
    posted = request.POST if request.method == "POST" else None
    form = RevealForm(posted, initial=asked, known=known_details(patient))
    if form.is_valid():
        with form.refusals():
            return _shown(request, patient, form, back)
    context = {"patient": patient, "form": form, "reasons": REASONS, "back": back}
    return render(request, "desk/reveal.html", context)


@require_safe
@requires("members.view_accesslog")
def accesses(request: HttpRequest) -> HttpResponse:
    """Who saw whose details in full, and why: of some days, or of one patient."""
    patient = _named_patient(request)
    form = AccessesForm.of(request.GET, today=timezone.localdate())
    if patient:
        found = accesses_of(patient.pk)
        address = f"?patient={patient.pk}&"
    else:
        today = timezone.localdate()
        since, until = form.days() or (today, today)
        found = accesses_between(since, until)
        address = f"?since={since}&until={until}&"
    rows = Paginator(found, ACCESSES_A_PAGE).get_page(request.GET.get("page", "1"))
    context = {"rows": rows, "form": form, "patient": patient, "address": address}
    return render(request, "desk/accesses.html", context)


def _shown(request: HttpRequest, patient: Patient, form: RevealForm, back: str) -> HttpResponse:
    what = form.cleaned_data["what"]
    record_access(
        patient=patient,
        what=what,
        reason=form.cleaned_data["reason"],
        by=colleague(request),
        now=timezone.now(),
    )
    in_place = "X-In-Place" in request.headers
    context = {
        "patient": patient,
        "shown": shown_details(patient, what),
        "reason": form.cleaned_data["reason"],
        "seconds": SHOWN_FOR,
        "back": back,
    }
    template = "desk/_revealed.html" if in_place else "desk/revealed.html"
    page = render(request, template, context)
    if not in_place:
        page["Refresh"] = f"{SHOWN_FOR}; url={back}"
    return page


def _named_patient(request: HttpRequest) -> Patient | None:
    named = request.GET.get("patient", "")
    if not named:
        return None
    if (key := key_in(named)) is None:
        raise Http404("没有这份档案")
    return file_or_404(key)


def _way_back(request: HttpRequest, patient: Patient) -> str:
    """The page that asked, on this server; else the member page."""
    asked = request.POST.get("back") or request.GET.get("back", "")
    local = asked.isprintable() and asked.startswith("/")
    if local and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return reverse("patient", args=[patient.pk])
