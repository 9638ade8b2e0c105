"""After services were used: what waits for the cashier, and the slip (划价结算, R52)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.services import SettleForm
from desk.queries import settling
from desk.views.requests import colleague, file_or_404
from rewards.models import Settlement
from rewards.operations.settling import settle as put_on_slip
from staff.clock import checked_now
from staff.permissions import requires


@require_safe
@requires("rewards.view_settlement")
def to_settle(request: HttpRequest) -> HttpResponse:
    """Who used a service and waits for the cashier, today's first."""
    page = settling.to_settle(today=timezone.localdate())
    return render(request, "desk/settle_list.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_settlement")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Put what this person used on a slip; all of it unless something is unticked."""
    patient = file_or_404(pk)
    waiting = settling.waiting_of(patient)
    form = SettleForm(
        request.POST if request.method == "POST" else None,
        waiting=[use.pk for use in waiting.uses],
    )
    if form.is_valid():
        with form.refusals():
            made = put_on_slip(
                patient=patient,
                use_ids=form.cleaned_data["uses"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, f"已结算，结算单 {made.number}")
            return redirect("settlement", made.pk)
    chosen = {str(pk) for pk in form["uses"].value() or []}
    context = {"patient": patient, "waiting": waiting, "form": form, "chosen": chosen}
    return render(request, "desk/settle.html", context)


@require_safe
@requires("rewards.view_settlement")
def settlement(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip: list price, what was waived, who bears it, signatures; to be printed."""
    try:
        page = settling.slip(pk)
    except (Settlement.DoesNotExist, OverflowError) as error:
        raise Http404("没有这张结算单") from error
    return render(request, "desk/settlement.html", {"page": page})
