"""Receipts of an earlier day."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Patient
from points.models import Receipt
from tests.desk.words import squeezed, words
from tests.factories.points import receipt

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]


def test_a_late_receipt_has_its_own_day_and_says_so(as_cashier: Client, someone: Patient) -> None:
    fields = {"amount": "1000", "receipt_number": "S1", "paid_at": "2026年3月2日"}
    address = reverse("take_payment", args=[someone.pk])
    page = squeezed(as_cashier.post(address, fields, follow=True))
    assert "补录：计入2026年3月2日的收费" in page and "+1,000分" in page
    assert str(Receipt.objects.get().day) == "2026-03-02"


def test_the_ledger_marks_a_late_receipt_and_no_other(as_cashier: Client, someone: Patient) -> None:
    receipt(someone, "500", number="S1")
    receipt(someone, "700", number="S2", at=timezone.now() - timedelta(days=3))
    page = squeezed(as_cashier.get(reverse("patient", args=[someone.pk])))
    assert page.count("补录于") == 1
    assert f"S2补录于{timezone.localdate()}" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"paid_at": "2099-01-01"}, "收费时间不能晚于现在"),
        ({"paid_at": "昨天"}, "收费时间应写作"),
        ({"paid_at": "1999-01-01"}, "会员方案尚未开始"),
        ({"paid_at": "2026-03-02", "paid_time": "上午"}, "收费时间应写作"),
    ],
)
def test_a_wrong_day_is_said_at_its_field(
    as_cashier: Client, someone: Patient, given: dict[str, str], sentence: str
) -> None:
    fields = {"amount": "1000", "receipt_number": "S1", **given}
    response = as_cashier.post(reverse("take_payment", args=[someone.pk]), fields)
    assert sentence in words(response) and response.context["form"].errors["paid_at"]
    assert response.content.decode().count('<details class="more" open>') == 1
    assert not Receipt.objects.exists()
