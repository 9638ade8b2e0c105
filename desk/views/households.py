"""A member's household: who belongs to it, adding somebody, taking somebody out (R15, C14)."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk.forms.households import KnownPersonForm, LeaveForm, NewPersonForm, probably
from desk.operations import add_new_person
from desk.queries.households import Family, Relative, family_of, last_child_day
from desk.queries.patients import PatientPage
from desk.queries.search import AS_ONE_TYPES, search
from desk.rules import fields_for_new_file
from desk.views.requests import (
    colleague,
    file_or_404,
    key_in,
    member_or_404,
    on_paper,
    patient_or_404,
)
from members.models import HouseholdPerson, Patient
from members.operations.households import add_person
from members.operations.households import leave_household as take_out
from staff.clock import checked_now
from staff.permissions import requires


@require_safe
@requires("members.view_household")
def household(request: HttpRequest, pk: int) -> HttpResponse:
    """Who belongs to a patient's household; a member's is added to from here."""
    page = patient_or_404(pk)
    if page.patient.pk != pk:
        return redirect("household", page.patient.pk)
    return _shown(request, page)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.add_household")
def find(request: HttpRequest, pk: int) -> HttpResponse:
    """Who fits what was typed, to be added to the household."""
    page = patient_or_404(pk)
    if request.method != "POST":
        # The browser's way back to an answer that stands in no address.
        return redirect("household", page.patient.pk)
    typed = on_paper(request.POST.get("q", ""))
    hits = search(typed, today=timezone.localdate())
    if hits.only:
        return redirect(_chooser(page.patient) + str(hits.only.patient.pk))
    return _shown(request, page, q=typed, hits=hits)


@require_POST
@requires("members.add_household")
def find_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The first who fit, while one types."""
    typed = on_paper(request.POST.get("q", ""))
    hits = search(typed, today=timezone.localdate(), at_most=AS_ONE_TYPES)
    context = {"q": typed, "hits": hits, "chooser": _chooser(file_or_404(pk))}
    return render(request, "desk/_search_hits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.add_household")
def add_known(request: HttpRequest, pk: int) -> HttpResponse:
    """Add somebody who has a patient file: `file` in the address."""
    page, membership = member_or_404(pk)
    person = _named_file(request)
    rules, today = page.position.rules, timezone.localdate()
    form = KnownPersonForm(
        request.POST if request.method == "POST" else None,
        initial={"who": probably(person, rules, today=today)},
    )
    if form.is_valid():
        with form.refusals():
            added = add_person(
                membership=membership,
                patient=person,
                by=colleague(request),
                now=checked_now(),
                **form.place(),
            )
            return _done(request, page, added)
    context = {"page": page, "person": person, "form": form}
    return render(request, "desk/household_add.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.add_household", "members.add_patient")
def add_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a patient file for a relative and add it; what was searched for comes as `typed`."""
    page, membership = member_or_404(pk)
    if request.method == "POST" and "typed" not in request.POST:
        form = NewPersonForm(request.POST)
    else:
        form = NewPersonForm(initial=fields_for_new_file(on_paper(request.POST.get("typed", ""))))
    if form.is_bound and form.is_valid():
        with form.refusals():
            added = add_new_person(
                membership=membership,
                file_number=form.number(),
                given=form.given(),
                by=colleague(request),
                now=checked_now(),
                **form.place(),
            )
            return _done(request, page, added)
    return render(request, "desk/household_new.html", {"page": page, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.change_household")
def leave_household(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """Take somebody out of the household, with the reason."""
    page = patient_or_404(pk)
    leaving = _relative_or_404(page, person)
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form.refusals():
            take_out(
                person_id=person,
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, f"已将{leaving.patient.name}移出这个家庭")
            return redirect("household", page.patient.pk)
    context = {"page": page, "leaving": leaving, "form": form}
    return render(request, "desk/household_leave.html", context)


def _shown(request: HttpRequest, page: PatientPage, **found: object) -> HttpResponse:
    context = {
        "page": page,
        "family": _family(page),
        "chooser": _chooser(page.patient),
        "find_url": reverse("household_find", args=[page.patient.pk]),
        "live_url": reverse("household_find_live", args=[page.patient.pk]),
        "new_url": reverse("household_new", args=[page.patient.pk]),
        **found,
    }
    return render(request, "desk/household.html", context)


def _family(page: PatientPage) -> Family:
    return family_of(page.patient.pk, page.position.rules, today=timezone.localdate())


def _chooser(patient: Patient) -> str:
    """The address of the form about the file whose key is put behind it."""
    return f"{reverse('household_add', args=[patient.pk])}?{urlencode({'file': ''})}"


def _named_file(request: HttpRequest) -> Patient:
    key = key_in(request.GET.get("file", ""))
    if key is None:
        raise Http404("没有这份档案")
    return file_or_404(key)


def _relative_or_404(page: PatientPage, person: int) -> Relative:
    if found := _family(page).person(person):
        return found
    raise Http404("没有这位家庭成员，可能已经移出")


def _done(request: HttpRequest, page: PatientPage, added: HouseholdPerson) -> HttpResponse:
    said = f"已登记{added.patient.name}（{added.relation}）"
    until = last_child_day(added.patient, page.position.rules) if added.is_child else None
    if until is None:
        messages.success(request, said)
    elif until < timezone.localdate():
        messages.warning(request, f"{said}。年龄已超过，儿童项目到 {until} 为止")
    else:
        messages.success(request, f"{said}，儿童项目可用到 {until}")
    return redirect("household", page.patient.pk)
