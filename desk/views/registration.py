from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.registration import PrintForm
from desk.queries.registration import blank_form, filled_form
from desk.views.requests import colleague, file_or_404
from members.models import AccessLog, Patient
from members.operations.access import record_access
from staff.permissions import requires

# Seconds: long enough to print, short enough for a screen that others pass by.
SHOWN_FOR = 60


@require_safe
@requires("members.view_patient")
def registration_blank(request: HttpRequest) -> HttpResponse:
    """The paper form to be filled in by hand."""
    return render(request, "desk/registration_form.html", {"paper": blank_form()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.view_patient", "members.view_personal")
def registration_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper form with all numbers, once the reason is on record; gone after a minute."""
    patient = file_or_404(pk)
    form = PrintForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form.refusals():
            record_access(
                patient=patient,
                what=[AccessLog.What.REGISTRATION_FORM],
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=timezone.now(),
            )
            return _printed(request, patient)
    return render(request, "desk/registration_print.html", {"patient": patient, "form": form})


def _printed(request: HttpRequest, patient: Patient) -> HttpResponse:
    context = {"paper": filled_form(patient), "patient": patient, "seconds": SHOWN_FOR}
    page = render(request, "desk/registration_form.html", context)
    page["Refresh"] = f"{SHOWN_FOR}; url={reverse('patient', args=[patient.pk])}"
    return page
