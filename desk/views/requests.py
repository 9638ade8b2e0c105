"""What every desk view takes from its request."""

from django.http import Http404, HttpRequest
from django.utils import timezone

from desk.queries.patients import PatientPage, patient_page
from desk.queries.receipts import ReceiptPage, receipt_page
from members.models import Membership, Patient
from points.models import Receipt
from staff.models import User
from staff.rules import plain

_LONGEST_KEY = 20


def colleague(request: HttpRequest) -> User:
    """Who does it; the view's permission let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def on_paper(typed: str) -> str:
    """What was typed into a search box, full-width digits understood; "" when unreadable."""
    written = plain(typed)
    return written[:64] if written.isprintable() else ""


def key_in(written: str) -> int | None:
    """The key that a form or an address names; None when it is none."""
    # Python refuses to read a number of thousands of digits.
    is_key = written.isascii() and written.isdecimal() and len(written) < _LONGEST_KEY
    return int(written) if is_key else None


def patient_or_404(pk: int) -> PatientPage:
    """The patient that the address names."""
    try:
        return patient_page(pk, today=timezone.localdate())
    except (Patient.DoesNotExist, OverflowError) as error:
        raise Http404("没有这份档案") from error


def member_or_404(pk: int) -> tuple[PatientPage, Membership]:
    """The patient that the address names, who is a member."""
    page = patient_or_404(pk)
    if page.membership is None:
        raise Http404("这位病人还不是会员")
    return page, page.membership


def file_or_404(pk: int) -> Patient:
    """The patient file that the address names, or the one that it was merged into (C40)."""
    try:
        found = Patient.objects.select_related("merged_into").get(pk=pk)
    except (Patient.DoesNotExist, OverflowError) as error:
        raise Http404("没有这份档案") from error
    return found.merged_into or found


def receipt_or_404(pk: int) -> ReceiptPage:
    """The receipt that the address names, in whatever revision."""
    try:
        return receipt_page(pk, today=timezone.localdate())
    except (Receipt.DoesNotExist, OverflowError) as error:
        raise Http404("没有这张收据") from error
