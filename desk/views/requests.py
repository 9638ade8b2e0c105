"""What every desk view takes from its request."""

from django.http import Http404, HttpRequest
from django.utils import timezone

from desk.queries.patients import PatientPage, patient_page
from desk.queries.receipts import ReceiptPage, receipt_page
from members.models import Patient
from points.models import Receipt
from staff.models import User
from staff.rules import plain


def colleague(request: HttpRequest) -> User:
    """Who does it; the view's permission let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def on_paper(typed: str) -> str:
    """What was typed into a search box, full-width digits understood; "" when unreadable."""
    written = plain(typed)
    return written[:64] if written.isprintable() else ""


def patient_or_404(pk: int) -> PatientPage:
    """The patient that the address names."""
    try:
        return patient_page(pk, today=timezone.localdate())
    except (Patient.DoesNotExist, OverflowError) as error:
        raise Http404("没有这份档案") from error


def receipt_or_404(pk: int) -> ReceiptPage:
    """The receipt that the address names, in whatever revision."""
    try:
        return receipt_page(pk, today=timezone.localdate())
    except (Receipt.DoesNotExist, OverflowError) as error:
        raise Http404("没有这张收据") from error
