from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.patients import PatientForm
from desk.operations import open_patient_file
from desk.queries.due import due_of, entitlements_at
from desk.queries.entitlements import entitlement_panel
from desk.queries.households import family_of
from desk.queries.ledger import ledger_page, lines
from desk.queries.settling import services_of
from desk.rules import fields_for_new_file
from desk.views.requests import colleague, on_paper, patient_or_404
from members.queries.access import accesses_of
from members.queries.changes import shown_changes
from staff.permissions import requires

LATEST_ACCESSES = 10


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.add_patient")
def patient_new(request: HttpRequest) -> HttpResponse:
    """Open a patient file; what was searched for comes as `typed` and is filled in already."""
    if request.method == "POST" and "typed" not in request.POST:
        form = PatientForm(request.POST)
    else:
        form = PatientForm(initial=fields_for_new_file(on_paper(request.POST.get("typed", ""))))
    if form.is_bound and form.is_valid():
        with form.refusals():
            patient = open_patient_file(
                file_number=form.number(),
                given=form.given(),
                by=colleague(request),
                now=timezone.now(),
            )
            messages.success(request, f"已新建档案 {patient.file_number}")
            return redirect("patient", patient.pk)
    return render(request, "desk/patient_new.html", {"form": form})


@require_safe
@requires("members.view_patient")
def patient(request: HttpRequest, pk: int) -> HttpResponse:
    """The member page: level and cause, points, what is missing, the ledger."""
    page = patient_or_404(pk)
    root = page.patient
    if root.pk != pk:
        messages.info(request, f"这份档案已并入档案 {root.file_number}，这是合并后的档案")
        return redirect("patient", root.pk)
    context: dict[str, object] = {"page": page, "just_enrolled": "enrolled" in request.GET}
    context["changes"] = shown_changes(pk)
    if request.user.has_perm("rewards.view_issue"):
        today = timezone.localdate()
        context["entitlements"] = found = entitlements_at(page.position, today=today)
        context["due"] = due_of(page.position, found, today=today)
        rules = page.position.rules
        context["panel"] = entitlement_panel(root, found, rules, year=today.year)
        context["services"] = services_of(root, today=today)
    if request.user.has_perm("members.view_household"):
        context["family"] = family_of(pk, page.position.rules, today=timezone.localdate())
    if request.user.has_perm("points.view_pointsentry"):
        ledger = ledger_page(pk, request.GET.get("page", "1"))
        context |= {"ledger": ledger, "lines": lines(ledger)}
    if request.user.has_perm("members.view_accesslog"):
        context["accesses"] = accesses_of(pk)[:LATEST_ACCESSES]
    return render(request, "desk/patient.html", context)
