from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from desk.forms.patients import EnrolmentForm, initial_for
from desk.queries.enrolment import told
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
        benefits=told(offer(page.position, today=today)),
        initial=initial_for(page.patient, signed_on=today.isoformat()),
    )
    if form.is_valid():
        with form.refusals():
            make_member(
                file_number=page.patient.file_number,
                given=form.given(),
                signed=form.signed(),
                by=colleague(request),
                now=checked_now(),
            )
            return redirect(reverse("patient", args=[pk]) + "?enrolled=1")
    context = {"page": page, "form": form, "benefits": form.benefits}
    return render(request, "desk/enrol.html", context)


@require_POST
@requires("members.add_membership")
def text_to_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """What the screen shows to be signed, or what must be put right in the form before."""
    page = patient_or_404(pk)
    benefits = told(offer(page.position, today=timezone.localdate()))
    form = EnrolmentForm(request.POST, patient=page.patient, benefits=benefits)
    faults = form.faults_before_signing()
    context = {"faults": faults, "text": "" if faults else form.text_to_sign()}
    return render(request, "desk/_signing_text.html", context)
