from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from desk.forms.changes import ChangeForm
from desk.views.requests import colleague, patient_or_404
from members.operations.changes import change_details
from staff.clock import checked_now
from staff.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.change_patient")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a file and its membership hold; of a member the document shown is recorded."""
    page = patient_or_404(pk)
    if page.patient.pk != pk:
        return redirect("change_patient", page.patient.pk)
    posted = request.POST if request.method == "POST" else None
    form = ChangeForm.of(page.patient, page.membership, posted)
    if form.is_valid():
        with form.refusals():
            made = change_details(
                patient_id=pk,
                given=form.given(),
                seen=form.cleaned_data["seen"],
                document_shown=form.cleaned_data.get("document_shown", ""),
                note=form.cleaned_data["note"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, f"已保存：修改了 {len(made.fields)} 项资料")
            return redirect("patient", pk)
    if form.refusal and form.refusal.code == "changed_meanwhile":
        # Saved while ours waited for it: what we had read is older than that.
        page = patient_or_404(pk)
        form = ChangeForm.again(form, page.patient, page.membership)
    return render(request, "desk/change_patient.html", {"page": page, "form": form})
