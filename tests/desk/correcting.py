"""Corrections by page, made as a cashier makes them."""

from django.test import Client
from django.urls import reverse

from points.models import Receipt
from tests.desk.words import squeezed


def page_of(name: str, number: str = "S1", revision: int = 1) -> str:
    paper = Receipt.objects.get(number=number, revision=revision)
    return reverse(name, args=[paper.pk])


def typed(client: Client, **given: str) -> dict[str, str]:
    """What the form of S1's newest revision holds, with what the cashier changed."""
    newest = Receipt.objects.filter(number="S1").order_by("-revision")[0]
    form = client.get(reverse("correct_receipt", args=[newest.pk])).context["form"]
    held = {field.name: str(field.value()) for field in form if field.value() is not None}
    return {**held, "reason": "录错了病人", **given}


def correct(client: Client, **given: str) -> str:
    """Correct S1 in both steps; what the result says."""
    newest = Receipt.objects.filter(number="S1").order_by("-revision")[0]
    fields = {**typed(client, **given), "confirmed": "1"}
    address = reverse("correct_receipt", args=[newest.pk])
    return squeezed(client.post(address, fields, follow=True))
