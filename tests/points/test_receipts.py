"""Recording a receipt: each way out (R11–R15, C16, C17)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from points.models import PointsEntry, Receipt
from points.operations.receipts import record_receipts
from points.queries import broken_rows
from points.rules import NewReceipt
from scheme.models import Scheme
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import member, receipt
from tests.factories.scheme import published

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def test_r11_a_yuan_is_a_point_and_jiao_are_not(scheme: Scheme) -> None:
    recorded = receipt(patient(), "128.99")
    assert (recorded.points, recorded.cumulative, recorded.available) == (128, 128, 0)
    assert receipt(patient(), "0.99").points == 0


def test_points_count_before_membership_without_a_level(scheme: Scheme) -> None:
    recorded = receipt(patient(), "12000")
    assert recorded.tier_reached is None
    assert recorded.standing.can_enrol(recorded.rules)


@pytest.mark.parametrize(
    ("amount", "tier"),
    [
        ("4999.99", None),
        ("5000", "senior"),
        ("9999.99", "senior"),
        ("10000", "vip"),
        ("19999.99", "vip"),
        ("20000", "diamond"),
    ],
)
def test_r13_to_r15_one_large_payment_reaches_the_level(
    scheme: Scheme, amount: str, tier: str | None
) -> None:
    someone = patient()
    receipt(someone, "1000", at=timezone.now() - timedelta(days=9))
    member(someone, "1")
    assert receipt(someone, amount, at=timezone.now() - timedelta(days=2)).tier_reached == tier


def test_c16_receipts_of_one_day_in_shanghai_count_together(scheme: Scheme) -> None:
    someone = patient()
    receipt(someone, "1000", at=NOON - timedelta(days=9))
    member(someone, "1")
    assert receipt(someone, "3000", at=NOON).tier_reached is None
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert receipt(someone, "1999", at=midnight).tier_reached is None, "the next day's"
    assert receipt(someone, "2000", at=midnight - timedelta(seconds=1)).tier_reached == "senior"


def test_the_same_receipt_again_tells_what_happened_then(scheme: Scheme) -> None:
    someone = patient()
    first = receipt(someone, "100", number="R1", at=NOON)
    receipt(someone, "50")
    again = receipt(someone, "100.00", number="R1", at=NOON + timedelta(hours=1))
    assert (again.repeated, again.points, again.cumulative) == (True, 100, 100)
    assert (again.receipt_id, again.standing.cumulative) == (first.receipt_id, 150)
    assert PointsEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("amount", "later"), [("100.01", timedelta(0)), ("100", timedelta(days=1))]
)
def test_a_number_that_stands_for_another_payment_is_refused(
    scheme: Scheme, amount: str, later: timedelta
) -> None:
    someone = patient()
    receipt(someone, "100", number="R1", at=NOON)
    with pytest.raises(Refusal, match="收据号 R1 已用于 .+ 的一笔 100 元收费") as refused:
        receipt(someone, amount, number="R1", at=NOON + later)
    assert (refused.value.status, refused.value.field) == (409, "receipt_number")
    with pytest.raises(Refusal, match="收据号 .+ 已用于"):
        receipt(patient(), "100", number="R1", at=NOON)


def test_a_receipt_number_is_text(scheme: Scheme) -> None:
    someone = patient()
    for number in ("1", "01", "1#1", "甲1"):
        assert not receipt(someone, "1", number=number).repeated
    assert list(broken_rows()) == []


def test_an_unknown_file_is_refused(scheme: Scheme) -> None:
    now = timezone.now()
    new = NewReceipt("R1", "none", amount=Receipt(amount=1).amount, paid_at=now)
    (refused,) = record_receipts(rows=[new], by=User.objects.system(), now=now)
    assert isinstance(refused, Refusal)
    assert (refused.status, refused.code, refused.field) == (404, "unknown_patient", "file_number")


def test_a_payment_before_the_first_scheme_is_refused(scheme: Scheme) -> None:
    with pytest.raises(
        Refusal, match="2013-09-30 时会员方案尚未开始，当日的消费不计积分"
    ) as refused:
        receipt(patient(), "100", at=datetime(2013, 9, 30, 15, 59, tzinfo=UTC))
    assert refused.value.status == 422
    assert receipt(patient(), "100", at=datetime(2013, 9, 30, 16, 0, tzinfo=UTC)).points == 100


def test_c3_available_points_move_while_plan_b_is_on() -> None:
    published("qujing_dental_b")
    assert receipt(patient(), "100").available == 100
    assert list(broken_rows()) == []


def test_a_receipt_that_reaches_no_level_takes_six_statements(scheme: Scheme) -> None:
    someone = patient()
    member(someone, "1000")
    with CaptureQueriesContext(connection) as captured:
        receipt(someone, "10", by=User.objects.get(username="system"))
    # The look-up of the user is this test's; BEGIN and COMMIT show as a savepoint here.
    statements = [query["sql"] for query in captured if "staff_user" not in query["sql"][:200]]
    assert len(statements) <= 6, "\n".join(statements)
