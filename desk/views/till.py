from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from desk.forms.payments import DayForm, PaymentForm, RefundForm
from desk.queries.due import due_at
from desk.queries.takings import day_page, till_page
from desk.views.requests import colleague, patient_or_404, receipt_or_404
from points.operations.receipts import record_receipt
from points.operations.refunds import record_refund
from staff.clock import checked_now
from staff.permissions import requires


@require_safe
@requires("points.add_receipt")
def till(request: HttpRequest) -> HttpResponse:
    """Where the cashier begins: find the patient; what went through this till today."""
    page = till_page(colleague(request), today=timezone.localdate())
    return render(request, "desk/till.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("points.add_receipt")
def take_payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Amount, receipt number, Enter."""
    page = patient_or_404(pk)
    form = PaymentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with form.refusals():
            now = checked_now()
            new = form.value(file_number=page.patient.file_number, now=now)
            recorded = record_receipt(new=new, by=colleague(request), now=now)
            again = "?again=1" if recorded.repeated else ""
            return redirect(reverse("receipt", args=[recorded.receipt_id]) + again)
    return render(request, "desk/take_payment.html", {"page": page, "form": form})


@require_safe
@requires("points.view_receipt")
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened, in large type: points, level, whether the patient can join."""
    page = receipt_or_404(pk)
    context: dict[str, object] = {
        "page": page,
        "again": "again" in request.GET,
        "corrected": "corrected" in request.GET,
        "refund": page.refund(request.GET.get("refund", "")),
        "unrefunded": page.refund(request.GET.get("unrefunded", "")),
    }
    if request.user.has_perm("rewards.view_issue"):
        context["due"] = due_at(page.position, today=timezone.localdate())
    return render(request, "desk/receipt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("points.add_refund")
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    """Give yuan back on a receipt, all that is left or a part of it."""
    page = receipt_or_404(pk)
    posted = request.POST if request.method == "POST" else None
    form = RefundForm(posted, initial={"amount": page.receipt.net_amount})
    if form.is_valid():
        with form.refusals():
            now = checked_now()
            new = form.value(receipt=page.receipt, now=now)
            refunded = record_refund(new=new, by=colleague(request), now=now)
            again = "&again=1" if refunded.repeated else ""
            return redirect(f"{reverse('receipt', args=[pk])}?refund={refunded.refund_id}{again}")
    return render(request, "desk/refund.html", {"page": page, "form": form})


@require_safe
@requires("points.view_receipt")
def receipts(request: HttpRequest) -> HttpResponse:
    """The receipts and refunds of a day, with totals per cashier."""
    today = timezone.localdate()
    form = DayForm({"day": request.GET.get("day") or today.isoformat()})
    day = form.value() or today
    page = day_page(day, request.GET.get("page", "1"))
    return render(request, "desk/receipts.html", {"page": page, "form": form})
