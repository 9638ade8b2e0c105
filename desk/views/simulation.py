"""A draft tried on the receipts that there are, beside the version in force."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms.simulation import SimulationForm
from desk.queries.simulation import (
    all_simulations,
    drafts_to_simulate,
    first_day,
    simulation_page,
    version_in_force,
)
from desk.views.requests import colleague
from rewards.operations.simulation import advance_simulation, begin_simulation
from staff.clock import checked_now
from staff.exceptions import Refusal
from staff.permissions import requires

_PER_PAGE = 30


@require_safe
@requires("rewards.view_simulation")
def simulations(request: HttpRequest) -> HttpResponse:
    """All simulations, the latest first."""
    rows = Paginator(all_simulations(), _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/simulations.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_simulation")
def simulation_new(request: HttpRequest) -> HttpResponse:
    """Which draft, over which days; then the page that works it off."""
    drafts = drafts_to_simulate()
    today = timezone.localdate()
    initial = {"draft": request.GET.get("draft"), "since": first_day(today), "until": today}
    data = request.POST if request.method == "POST" else None
    form = SimulationForm(data, drafts=drafts, initial=initial)
    if form.is_valid():
        with form.refusals():
            since, until = form.days()
            begun = begin_simulation(
                draft=form.chosen_draft(),
                beside=version_in_force(today) if form.compares_with_one else None,
                from_on=since,
                to_on=until,
                by=colleague(request),
                now=checked_now(),
            )
            return redirect("simulation", begun.pk)
    return render(request, "desk/simulation_new.html", {"form": form, "drafts": drafts})


@require_safe
@requires("rewards.view_simulation")
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a simulation is, or its report."""
    found = get_object_or_404(all_simulations(), pk=pk)
    move, number = request.GET.get("move", ""), request.GET.get("page", "1")
    page = simulation_page(found, move=move, page=number)
    return render(request, "desk/simulation.html", {"page": page})


@require_POST
@requires("rewards.add_simulation")
def simulation_next(request: HttpRequest, pk: int) -> HttpResponse:
    """One step on: the page asks for the next one, or a colleague does by button."""
    get_object_or_404(all_simulations(), pk=pk)
    notice = ""
    try:
        advance_simulation(simulation_id=pk, now=checked_now())
    except Refusal as refusal:
        notice = refusal.message
    page = simulation_page(all_simulations().get(pk=pk))
    if "HX-Request" not in request.headers:
        if notice:
            messages.error(request, notice)
        return redirect("simulation", pk)
    if not page.is_working:
        address = reverse("simulation", args=[pk])
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return render(request, "desk/_simulation_progress.html", {"page": page, "notice": notice})
