"""收费 → 入会 → 退费 → 级别复核: the scheme's main procedure, as two colleagues live it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Membership
from points.models import TierReview
from staff.models import Approval
from tests.desk.words import squeezed, words
from tests.factories.members import patient, resident_id
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

PASSWORD = "niu-lan-shan-2013"


def logged_in(role: str) -> Client:
    """A browser in which a colleague of this role has logged in by name and password."""
    colleague = user(role, password=PASSWORD)
    client = Client()
    typed = {"username": colleague.username, "password": PASSWORD}
    assert client.post(reverse("login"), typed).status_code == 302
    return client


def test_a_cashiers_day_and_the_managers_word() -> None:
    someone = patient("00012345", name="段誉", phone="13887431234")
    cashier = logged_in("收费")

    found = cashier.get(reverse("patients"), {"q": "1234", "for": "pay"}, follow=True)
    assert found.redirect_chain == [(reverse("take_payment", args=[someone.pk]), 302)]
    assert "段誉" in words(found)

    typed = {"amount": "５１００元", "receipt_number": "SJ0001"}
    paid = cashier.post(reverse("take_payment", args=[someone.pk]), typed, follow=True)
    assert "+5,100分" in squeezed(paid) and "可以入会" in words(paid)

    joined = cashier.post(reverse("enrol", args=[someone.pk]), form_of_the_member(), follow=True)
    number = Membership.objects.get().number
    assert f"会员号 {number}" in words(joined) and "高级会员" in words(joined)
    assert "一次性消费 5,100 元，直接升级为高级会员" in words(joined)

    receipt = paid.context["page"].receipt
    typed = {"amount": "4000", "refund_number": "TF0001", "reason": "种植改期"}
    refunded = cashier.post(reverse("refund", args=[receipt.pk]), typed, follow=True)
    assert "-4,000分" in squeezed(refunded) and "级别复核待定" in words(refunded)

    assert cashier.get(reverse("approvals")).status_code == 403
    manager = logged_in("总经理")
    request = Approval.objects.get()
    assert "段誉" in words(manager.get(reverse("approvals")))
    typed = {"decision": TierReview.Decision.WAIVE, "sentence": "已与病人说明"}
    decided = manager.post(reverse("approval", args=[request.pk]), typed, follow=True)
    assert "收回级别" in words(decided)

    page = words(cashier.get(reverse("patient", args=[someone.pk])))
    assert "经级别复核调整为普通会员" in page and "已收回" in page and "复核待定" not in page


def form_of_the_member() -> dict[str, str]:
    return {
        "name": "段誉",
        "sex": "male",
        "phone": "",
        "document_type": "resident_id",
        "id_number": resident_id("19880808", serial=11),
        "address": "云南省曲靖市麒麟区寥廓北路18号",
        "accepts_follow_up": "yes",
        "accepts_post": "yes",
        "accepts_activities": "no",
        "explained": "on",
        "signing": "paper",
        "signed_on": timezone.localdate().isoformat(),
    }
