"""A member's service used: by the member, a child of the household, a guest (R18, R52)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from desk.forms.services import NewGuestForm, UseForm
from desk.forms.undoing import UndoForm
from desk.operations import give_service
from desk.queries.entitlements import address_of
from desk.queries.patients import PatientPage
from desk.queries.search import AS_ONE_TYPES, search
from desk.queries.services import (
    Guest,
    Service,
    active_doctors,
    guest_of,
    key_of_claim,
    relatives_of,
    service_of,
    use_with_people,
)
from desk.rules import fields_for_new_file
from desk.views.proof import remember_proof, signs_at_once, text_of
from desk.views.requests import colleague, file_or_404, key_in, on_paper, patient_or_404
from members.models import Patient
from rewards.models import Undoing, Use
from rewards.operations.undoing import undo
from rewards.operations.uses import use_services
from rewards.rules import Key
from staff.clock import checked_now
from staff.permissions import requires

OTHER, NEW = "other", "new"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address names: a member, a service of theirs, and `to` whom it is given."""

    page: PatientPage
    service: Service
    to: str

    @property
    def address(self) -> str:
        """The address that names this service, to which `to` is added."""
        return f"{address_of(self.service.entitlement.key, card=self.card)}&to="

    @property
    def card(self) -> str:
        """The service card that was scanned to come here; it need not be scanned again."""
        return self.service.scanned

    def url(self, name: str, to: str = "") -> str:
        """The address of a page about this service."""
        return f"{reverse(name, args=[self.page.patient.pk])}?{self.address}{to}"


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_use")
def use_service(request: HttpRequest, pk: int) -> HttpResponse:
    """Use a service: `item`, `period`, `ordinal` and `child` name it, or the `card` scanned."""
    if "item" not in request.GET:
        return _by_card(request)
    asked = _asked(request, pk)
    if not asked.service.is_usable and request.method != "POST":
        return render(request, "desk/use_not.html", _context(asked))
    if asked.to == OTHER and not asked.service.child:
        return _chosen(request, asked)
    guest = _guest(asked)
    form = _form(request, asked, guest)
    if form.is_bound and form.is_valid():
        with form.refusals():
            uses = _save(request, asked, guest, form)
            return _done(request, asked, form, uses)
    context = {
        **_context(asked),
        "form": form,
        "guest": guest,
        "at_once": signs_at_once(request) and not form.is_bound,
        "text_url": asked.url("use_text", asked.to),
    }
    return render(request, "desk/use.html", context)


@require_POST
@requires("rewards.add_use")
def use_text(request: HttpRequest, pk: int) -> HttpResponse:
    """What the screen shows to be signed, or what must be put right in the form before."""
    asked = _asked(request, pk)
    return text_of(request, _form(request, asked, _guest(asked)))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_use")
def use_find(request: HttpRequest, pk: int) -> HttpResponse:
    """Who fits what was typed, to be given the service."""
    asked = _asked(request, pk)
    if request.method != "POST":
        # The browser's way back to an answer that stands in no address.
        return redirect(asked.url("use_service", OTHER))
    typed = on_paper(request.POST.get("q", ""))
    hits = search(typed, today=timezone.localdate())
    if hits.only:
        return redirect(asked.url("use_service", str(hits.only.patient.pk)))
    return _chosen(request, asked, q=typed, hits=hits)


@require_POST
@requires("rewards.add_use")
def use_find_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The first who fit, while one types."""
    asked = _asked(request, pk)
    typed = on_paper(request.POST.get("q", ""))
    hits = search(typed, today=timezone.localdate(), at_most=AS_ONE_TYPES)
    context = {"q": typed, "hits": hits, "chooser": asked.url("use_service")}
    return render(request, "desk/_search_hits.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("rewards.add_undoing")
def undo_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a use back, with the reason; a settled one is marked on its slip."""
    use = _use_or_404(pk)
    form = UndoForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form.refusals():
            undo(
                use=use,
                kind=Undoing.Kind.MISTAKE,
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, f"已撤销{use.item}的使用，这一项可以重新使用")
            return redirect("patient", use.membership.patient.root_id)
    return render(request, "desk/use_undo.html", {"use": use, "form": form})


def _by_card(request: HttpRequest) -> HttpResponse:
    """To the service that a scanned card stands for."""
    card = on_paper(request.GET.get("card", ""))
    if found := key_of_claim(card):
        member, key = found
        return redirect(f"{reverse('use_service', args=[member])}?{address_of(key, card=card)}")
    raise Http404("没有这张服务卡")


def _asked(request: HttpRequest, pk: int) -> Asked:
    page = patient_or_404(pk)
    key, rules = _key(request), page.position.rules
    if page.membership is None or key is None or rules is None:
        raise Http404("没有这一项礼遇")
    card = on_paper(request.GET.get("card", ""))
    today = timezone.localdate()
    service = service_of(page.membership, key, rules, today=today, scanned=card)
    if service is None:
        raise Http404("没有这一项礼遇，可能级别已经变动")
    return Asked(page, service, request.GET.get("to", ""))


def _key(request: HttpRequest) -> Key | None:
    given = request.GET
    ordinal = key_in(given.get("ordinal", ""))
    if ordinal is None:
        return None
    return (given.get("item", ""), given.get("period", ""), ordinal, key_in(given.get("child", "")))


def _guest(asked: Asked) -> Guest:
    """Whom the address names; the member where it names nobody."""
    service = asked.service
    patient: Patient | None = service.child or asked.page.patient
    if asked.to == NEW and not service.child:
        patient = None
    elif asked.to and not service.child:
        key = key_in(asked.to)
        if key is None:
            raise Http404("没有这份档案")
        patient = file_or_404(key)
    rank = asked.page.position.stand.rank
    return guest_of(service, patient, rank=rank, today=timezone.localdate())


def _form(request: HttpRequest, asked: Asked, guest: Guest) -> UseForm:
    """The form for this person; what was searched for comes as `typed` and is filled in."""
    typed = request.POST.get("typed")
    posted = request.POST if request.method == "POST" and typed is None else None
    kind = NewGuestForm if guest.patient is None else UseForm
    name = "" if guest.is_own or guest.patient is None else guest.patient.name
    return kind(
        posted,
        service=asked.service,
        doctors=active_doctors(),
        guest_name=name,
        today=timezone.localdate(),
        initial={
            **fields_for_new_file(on_paper(typed or "")),
            "teeth": " ".join(asked.service.teeth_left),
            "card_code": asked.card,
        },
    )


def _save(request: HttpRequest, asked: Asked, guest: Guest, form: UseForm) -> list[Use]:
    by, now, new = colleague(request), checked_now(), form.value()
    membership = asked.service.membership
    if isinstance(form, NewGuestForm):
        return give_service(
            membership=membership,
            file_number=form.number(),
            given=form.given(),
            new=new,
            by=by,
            now=now,
        )
    assert guest.patient
    return use_services(membership=membership, beneficiary=guest.patient, new=new, by=by, now=now)


def _done(request: HttpRequest, asked: Asked, form: UseForm, uses: list[Use]) -> HttpResponse:
    if form.needs_proof:
        remember_proof(request, form)
    many = f" {len(uses)} {asked.service.item.unit}" if len(uses) > 1 else ""
    whom = "" if uses[0].kind == Use.Kind.OWN else f"，由{uses[0].beneficiary.name}使用"
    messages.success(request, f"已登记使用：{asked.service.item}{many}{whom}，待收费处结算")
    return redirect("patient", uses[0].beneficiary_id)


def _chosen(request: HttpRequest, asked: Asked, **found: object) -> HttpResponse:
    """Where one looks for whom it is given to."""
    context = {
        **_context(asked),
        "relatives": relatives_of(asked.page.patient.pk),
        "find_url": asked.url("use_find", OTHER),
        "live_url": asked.url("use_find_live"),
        "new_url": asked.url("use_service", NEW),
        **found,
    }
    return render(request, "desk/use_given.html", context)


def _context(asked: Asked) -> dict[str, object]:
    to_others = asked.url("use_service", OTHER)
    return {
        "page": asked.page,
        "service": asked.service,
        "chooser": asked.url("use_service"),
        "tabs": [
            {
                "title": title,
                "url": url,
                "count": None,
                "current": bool(asked.to) == is_other,
            }
            for title, url, is_other in (
                ("会员本人", asked.url("use_service"), False),
                ("转赠他人", to_others, True),
            )
        ],
    }


def _use_or_404(pk: int) -> Use:
    try:
        return use_with_people(pk)
    except (Use.DoesNotExist, OverflowError) as error:
        raise Http404("没有这次使用") from error
