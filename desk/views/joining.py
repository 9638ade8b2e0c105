from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.joining import JoinTalkForm
from desk.queries.joining import join_rows, joining_page
from desk.queries.patients import offer
from desk.views.requests import colleague, patient_or_404
from members.models import JoinTalk
from members.operations.joining import record_talk
from members.queries.joining import talks_of
from staff.clock import checked_now
from staff.permissions import requires


@require_safe
@requires("members.view_jointalk")
def joining(request: HttpRequest) -> HttpResponse:
    """Who can join and has not: to be asked, agreed, to be asked again, declined."""
    tab, number = request.GET.get("tab", ""), request.GET.get("page", "1")
    page = joining_page(tab, number, today=timezone.localdate())
    return render(request, "desk/joining.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("members.add_jointalk")
def join_talk(request: HttpRequest, pk: int) -> HttpResponse:
    """What to tell somebody who can join, and what was answered."""
    today = timezone.localdate()
    page = patient_or_404(pk)
    if page.membership and request.method != "POST":
        return redirect("patient", page.patient.pk)
    talks = talks_of(page.patient.pk)
    form = JoinTalkForm(
        request.POST if request.method == "POST" else None,
        initial={"seen": talks[0].pk if talks else None},
    )
    if form.is_valid():
        with form.refusals():
            talk = record_talk(
                patient_id=page.patient.pk,
                given=form.given(),
                seen=form.cleaned_data["seen"],
                by=colleague(request),
                now=checked_now(),
            )
            return _after(request, talk)
    (row,) = join_rows([page.patient.pk], today=today)
    context = {
        "page": page,
        "row": row,
        "form": form,
        "talks": talks,
        "offer": offer(page.position, today=today),
    }
    return render(request, "desk/join_talk.html", context)


def _after(request: HttpRequest, talk: JoinTalk) -> HttpResponse:
    """Whoever agreed is enrolled next; from anybody else one goes on with the list."""
    said = f"已记下{talk.patient.name}的答复：{talk.get_outcome_display()}"
    if talk.outcome == JoinTalk.Outcome.AGREED:
        messages.success(request, f"{said}，请办理入会")
        return redirect("patient", talk.patient_id)
    messages.success(request, said)
    return redirect("joining")
