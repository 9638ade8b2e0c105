from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from desk.forms.corrections import CorrectionForm, VoidForm, VoidRefundForm
from desk.operations import try_correction
from desk.queries.corrections import Preview, is_live, refund_to_void
from desk.views.requests import colleague, receipt_or_404
from points.models import Refund
from points.operations.corrections import Corrected, correct_receipt, void_refund
from staff.clock import checked_now
from staff.permissions import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires("points.add_correction")
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a receipt back and enter it again: first what it will change, then the change (C39)."""
    page = receipt_or_404(pk)
    form = CorrectionForm.of(page.receipt, request.POST if request.method == "POST" else None)
    preview: Preview | None = None
    if form.is_valid() and "back" not in request.POST:
        with form.refusals():
            now = checked_now()
            new = form.value(receipt=page.receipt, now=now)
            if "confirmed" in request.POST:
                return _result(correct_receipt(new=new, by=colleague(request), now=now))
            preview = try_correction(new=new, by=colleague(request), now=now)
    context = {"page": page, "form": form, "preview": preview}
    return render(request, "desk/correct_receipt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("points.add_correction")
def void(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a receipt back and enter nothing instead."""
    page = receipt_or_404(pk)
    posted = request.POST if request.method == "POST" else None
    form = VoidForm(posted, initial={"seen": page.receipt.revision})
    if form.is_valid():
        with form.refusals():
            now = checked_now()
            new = form.value(receipt=page.receipt, now=now)
            return _result(correct_receipt(new=new, by=colleague(request), now=now))
    return render(request, "desk/void_receipt.html", {"page": page, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("points.add_correction")
def void_a_refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a refund that was entered by mistake."""
    refund = _refund_or_404(pk)
    form = VoidRefundForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and is_live(refund):
        with form.refusals():
            made = void_refund(
                revision=refund.revision,
                refund_number=refund.number,
                reason=form.cleaned_data["reason"],
                by=colleague(request),
                now=checked_now(),
            )
            return redirect(f"{reverse('receipt', args=[made.receipt_id])}?unrefunded={pk}")
    context = {"refund": refund, "is_live": is_live(refund), "form": form}
    return render(request, "desk/void_refund.html", context)


def _refund_or_404(pk: int) -> Refund:
    try:
        return refund_to_void(pk)
    except (Refund.DoesNotExist, OverflowError) as error:
        raise Http404("没有这笔退费") from error


def _result(made: Corrected) -> HttpResponse:
    again = "&again=1" if made.repeated else ""
    return redirect(f"{reverse('receipt', args=[made.receipt_id])}?corrected=1{again}")
