from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from desk.forms.patients import EnrolmentForm, initial_for
from desk.queries.patients import offer
from desk.views.requests import colleague, patient_or_404
from points.operations.enrolment import enrol as make_member
from staff.clock import checked_now
from staff.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.add_membership")
def enrol(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper form 会员登记表, beside what membership brings; then the member's page."""
    today = timezone.localdate()
    page = patient_or_404(pk)
    if page.membership and request.method != "POST":
        return redirect("patient", pk)
    form = EnrolmentForm(
        request.POST if request.method == "POST" else None,
        patient=page.patient,
        initial=initial_for(page.patient, signed_on=today.isoformat()),
    )
    if form.is_valid():
        with form.refusals():
            make_member(
                file_number=page.patient.file_number,
                given=form.given(),
                by=colleague(request),
                now=checked_now(),
            )
            return redirect(reverse("patient", args=[pk]) + "?enrolled=1")
    context = {"page": page, "form": form, "offer": offer(page.position, today=today)}
    return render(request, "desk/enrol.html", context)
