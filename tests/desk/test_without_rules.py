"""Before the hospital has published any rules, the desk says so and breaks nowhere."""

import pytest
from django.test import Client
from django.urls import reverse

from points.models import Receipt
from tests.desk.words import words
from tests.factories.members import patient

pytestmark = pytest.mark.django_db


def test_pages_open_and_a_payment_is_refused_in_a_sentence(as_cashier: Client) -> None:
    someone = patient("W1", name="早来")
    patient("W2", name="早到")
    for address in (
        reverse("patients") + "?q=早",
        reverse("patient", args=[someone.pk]),
        reverse("take_payment", args=[someone.pk]),
        reverse("enrol", args=[someone.pk]),
        reverse("till"),
        reverse("receipts"),
    ):
        assert as_cashier.get(address).status_code == 200
    assert "今天没有生效的会员规则" in words(as_cashier.get(reverse("enrol", args=[someone.pk])))
    typed = {"amount": "100", "receipt_number": "S1"}
    refused = as_cashier.post(reverse("take_payment", args=[someone.pk]), typed)
    assert "会员方案尚未开始" in words(refused)
    assert not Receipt.objects.exists()
