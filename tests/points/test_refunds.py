"""Giving money back: each way out (C17, C18)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from points.models import Receipt
from points.queries import broken_rows
from scheme.models import Scheme
from staff.exceptions import Refusal
from tests.factories.members import patient
from tests.factories.points import receipt, refund
from tests.factories.scheme import published

pytestmark = pytest.mark.django_db


def test_c17_parts_of_a_refund_take_together_what_the_whole_would(scheme: Scheme) -> None:
    receipt(patient(), "100.50", number="R1")
    assert [refund("R1", part).points for part in ("0.50", "0.01", "0.99")] == [0, -1, 0]
    assert Receipt.objects.get().net_points == 99
    assert list(broken_rows()) == []


def test_all_of_a_receipt_may_go_back(scheme: Scheme) -> None:
    receipt(patient(), "100.50", number="R1")
    given_back = refund("R1", "100.50")
    assert (given_back.points, given_back.cumulative) == (-100, 0)


def test_more_than_is_left_is_refused(scheme: Scheme) -> None:
    receipt(patient(), "100", number="R1")
    refund("R1", "60")
    with pytest.raises(Refusal, match="这张收据还可退 40.00 元") as refused:
        refund("R1", "40.01")
    assert (refused.value.status, refused.value.field) == (409, "amount")


def test_the_same_refund_again_tells_what_happened_then(scheme: Scheme) -> None:
    receipt(patient(), "100", number="R1")
    refund("R1", "60", number="T1")
    refund("R1", "10", number="T2")
    again = refund("R1", "60", number="T1")
    assert (again.repeated, again.points, again.cumulative) == (True, -60, 40)


def test_a_number_that_stands_for_another_refund_is_refused(scheme: Scheme) -> None:
    receipt(patient(), "100", number="R1")
    receipt(patient(), "100", number="R2")
    refund("R1", "60", number="T1")
    for number, amount in (("R1", "61"), ("R2", "60")):
        with pytest.raises(Refusal, match="退费单号 T1 已按另一笔退费入账") as refused:
            refund(number, amount, number="T1")
        assert refused.value.status == 409


def test_an_unknown_receipt_is_refused(scheme: Scheme) -> None:
    with pytest.raises(Refusal, match="没有收据号为 R9 的收费记录，请核对") as refused:
        refund("R9", "1")
    assert refused.value.status == 404


def test_a_refund_before_its_payment_is_refused(scheme: Scheme) -> None:
    receipt(patient(), "100", number="R1")
    with pytest.raises(Refusal, match="退费时间不能早于收费时间") as refused:
        refund("R1", "1", at=timezone.now() - timedelta(days=1))
    assert refused.value.status == 422


def test_c3_under_plan_b_the_points_to_spend_go_back_too() -> None:
    published("qujing_dental_b")
    receipt(patient(), "100", number="R1")
    assert refund("R1", "60").available == 40
    assert list(broken_rows()) == []
