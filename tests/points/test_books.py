"""What `check_books` says of books that are in order."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from points.models import TierReview
from points.operations.reviews import decide_review
from scheme.models import Scheme
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund

pytestmark = pytest.mark.django_db


def checked() -> str:
    """What the command prints on books that are in order."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    out = StringIO()
    try:
        call_command("check_books", stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())
    return out.getvalue()


def test_empty_books_are_in_order(scheme: Scheme) -> None:
    assert checked() == "账目无误：0 行流水\n"


def test_a_day_at_the_desk_leaves_the_books_in_order(scheme: Scheme, manager: User) -> None:
    now = timezone.now()
    first, second = patient(), patient()
    old = receipt(first, "600.50", at=now - timedelta(days=3))
    receipt(first, "399.50", at=now - timedelta(days=3))
    member(first, "4000.99")
    top = receipt(first, "12000")
    assert top.tier_reached == "vip"
    refund(top.receipt_number, "0.01")
    refund(top.receipt_number, "11000")
    refund(old.receipt_number, "600.50")
    review = TierReview.objects.get()
    decide_review(
        review_id=review.pk,
        decision=TierReview.Decision.WAIVE,
        sentence="同意",
        by=manager,
        now=now,
    )
    receipt(first, "9000")
    receipt(second, "12.30")
    assert checked() == "账目无误：9 行流水\n"
