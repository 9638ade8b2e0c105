from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from scheme.forms.drafts import DraftForm, first_of
from scheme.forms.rows import BenefitsForm, CatalogueForm, GiftBandsForm
from scheme.forms.settings import SettingsForm
from scheme.forms.tiers import TiersForm
from scheme.operations.drafting import change_draft
from scheme.queries.drafts import DraftPage, items, tier_of_rank
from scheme.views.requests import colleague, draft_or_404
from staff.clock import checked_now
from staff.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """The switches and settings of a draft."""
    page = draft_or_404(pk)
    first = first_of(SettingsForm, page.rules, page.scheme.content_digest)
    form = SettingsForm(_posted(request), initial=first)
    return _answer(request, page, form, "scheme/draft_settings.html")


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def tiers(request: HttpRequest, pk: int) -> HttpResponse:
    """The names of a draft's levels and the points that reach them."""
    page = draft_or_404(pk)
    form = TiersForm(_posted(request), rules=page.rules, initial=_seen(page))
    return _answer(request, page, form, "scheme/draft_tiers.html")


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def benefits(request: HttpRequest, pk: int, rank: int) -> HttpResponse:
    """What one level of a draft brings."""
    page = draft_or_404(pk)
    tier = tier_of_rank(page.rules, rank)
    if tier is None:
        raise Http404("没有这个级别")
    form = BenefitsForm(
        _posted(request), rules=page.rules, tier=tier, items=items(), initial=_seen(page)
    )
    return _answer(request, page, form, "scheme/draft_benefits.html")


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def catalogue(request: HttpRequest, pk: int) -> HttpResponse:
    """What points buy under a draft, and for how many."""
    page = draft_or_404(pk)
    form = CatalogueForm(_posted(request), rules=page.rules, items=items(), initial=_seen(page))
    return _answer(request, page, form, "scheme/draft_catalogue.html")


@require_http_methods(["GET", "HEAD", "POST"])
@requires("scheme.change_scheme")
def gift_bands(request: HttpRequest, pk: int) -> HttpResponse:
    """From which spending on which gift is bought under a draft."""
    page = draft_or_404(pk)
    gifts = [item for item in items() if item.kind == "gift"]
    form = GiftBandsForm(_posted(request), rules=page.rules, items=gifts, initial=_seen(page))
    return _answer(request, page, form, "scheme/draft_gift_bands.html")


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _seen(page: DraftPage) -> dict[str, Any]:
    return {"seen": page.scheme.content_digest}


def _answer(request: HttpRequest, page: DraftPage, form: DraftForm, template: str) -> HttpResponse:
    """The form, or back to the draft once it is saved."""
    if request.method != "POST" and not page.may_change:
        # There it says why, and how to go on.
        return redirect("scheme:draft", page.scheme.pk)
    if form.is_valid():
        with form.refusals():
            change_draft(
                draft_id=page.scheme.pk,
                changes=form.changes(),
                seen=form.cleaned_data["seen"],
                by=colleague(request),
                now=checked_now(),
            )
            messages.success(request, "已保存到草稿")
            return redirect("scheme:draft", page.scheme.pk)
    return render(request, template, {"page": page, "form": form})
