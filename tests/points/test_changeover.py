"""方案B is switched on from the cumulative total: what was earned before can be spent (C2, C3)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from members.models import Patient
from points.models import PointsAccount, PointsEntry
from points.operations.changeover import run_due
from points.operations.receipts import record_receipt
from points.operations.refunds import record_refund
from points.queries import broken_rows
from points.rules import NewReceipt, NewRefund
from rewards.queries.catalogue import catalogue
from scheme.models import Scheme
from scheme.queries import rules_of
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.merging import merged, unmerged
from tests.factories.points import confirmed, corrected, legacy, receipt, refund
from tests.factories.scheme import draft, published, published_by_two

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plan_a(db: None) -> Iterator[None]:
    """方案A alone since 2013; whatever the test did, the books agree."""
    published()
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert list(broken_rows()) == []


@pytest.fixture
def someone() -> Patient:
    return patient("P1")


def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


def from_tomorrow(start: str = "cumulative", **replaced: str) -> Scheme:
    """Both plans from tomorrow on, published today."""
    day = business_day(tomorrow()).isoformat()
    return published_by_two(draft(effective_from=day, redemption_start=f'"{start}"', **replaced))


def totals(file: Patient) -> tuple[int, int]:
    account = PointsAccount.objects.get(pk=file.pk)
    return account.cumulative, account.available


def paid_tomorrow(file: Patient, amount: str, *, for_day: datetime | None = None) -> None:
    at = for_day or tomorrow()
    number = f"M{PointsEntry.objects.count()}"
    new = NewReceipt(number, file.file_number, Decimal(amount), at)
    record_receipt(new=new, by=User.objects.system(), now=tomorrow())


def test_on_the_day_and_not_before_all_that_was_earned_can_be_spent(someone: Patient) -> None:
    receipt(someone, "1200")
    from_tomorrow()
    assert (run_due(now=timezone.now()), totals(someone)) == (0, (1200, 0))
    assert (run_due(now=tomorrow()), totals(someone)) == (1, (1200, 1200))


def test_a_second_run_changes_nothing(someone: Patient) -> None:
    receipt(someone, "1200")
    from_tomorrow()
    run_due(now=tomorrow())
    assert (run_due(now=tomorrow()), totals(someone)) == (0, (1200, 1200))


def test_from_zero_nothing_is_carried_over(someone: Patient) -> None:
    receipt(someone, "1200")
    from_tomorrow("zero")
    assert (run_due(now=tomorrow()), totals(someone)) == (0, (1200, 0))


def test_a_first_version_with_plan_b_carries_nothing_over(someone: Patient) -> None:
    receipt(someone, "1200")
    from_tomorrow()
    run_due(now=tomorrow())
    later = business_day(tomorrow() + timedelta(days=1)).isoformat()
    published_by_two(draft(effective_from=later, redemption_start='"cumulative"'))
    assert run_due(now=tomorrow() + timedelta(days=1)) == 0


def test_a_payment_of_the_day_finds_the_earlier_points_there(someone: Patient) -> None:
    receipt(someone, "1200")
    from_tomorrow()
    paid_tomorrow(someone, "100")
    assert totals(someone) == (1300, 1300)
    kinds = PointsEntry.objects.order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["earn", "changeover", "earn"]


def test_a_payment_of_before_that_comes_late_can_be_spent_at_once(someone: Patient) -> None:
    from_tomorrow()
    paid_tomorrow(someone, "300", for_day=timezone.now())
    assert (totals(someone), run_due(now=tomorrow())) == ((300, 300), 0)


def test_a_refund_of_before_takes_what_it_gave(someone: Patient) -> None:
    receipt(someone, "1200", number="R1")
    from_tomorrow()
    run_due(now=tomorrow())
    new = NewRefund("T1", "R1", Decimal(200), timezone.now(), "治疗未做")
    record_refund(new=new, by=User.objects.system(), now=tomorrow())
    assert totals(someone) == (1000, 1000)


def test_a_correction_of_before_moves_both_totals(someone: Patient) -> None:
    receipt(someone, "1200", number="R1")
    refund("R1", "200")
    from_tomorrow()
    run_due(now=tomorrow())
    corrected("R1", amount=Decimal("1500"))
    assert totals(someone) == (1300, 1300)
    corrected("R1", void=True)
    assert totals(someone) == (0, 0)


def test_a_receipt_moved_to_another_patient_can_be_spent_there(someone: Patient) -> None:
    other = patient("P2")
    receipt(someone, "1200", number="R1")
    receipt(other, "10")
    from_tomorrow()
    run_due(now=tomorrow())
    corrected("R1", file_number="P2")
    assert (totals(someone), totals(other)) == ((0, 0), (1210, 1210))


def test_c2_legacy_points_are_carried_over_only_where_they_may_be_spent(someone: Patient) -> None:
    confirmed(legacy((someone, 20000)))
    receipt(someone, "100")
    from_tomorrow()
    run_due(now=tomorrow())
    assert totals(someone) == (20100, 100)


def test_c2_legacy_points_may_be_spent_where_the_setting_says_so(someone: Patient) -> None:
    confirmed(legacy((someone, 20000)))
    from_tomorrow(legacy_counts_as_available="true")
    run_due(now=tomorrow())
    assert totals(someone) == (20000, 20000)


def test_c40_merged_files_part_with_what_their_papers_gave(someone: Patient) -> None:
    other = patient("P2")
    receipt(someone, "1200")
    receipt(other, "300")
    merge = merged(someone, other)
    from_tomorrow()
    assert (run_due(now=tomorrow()), totals(someone)) == (2, (1500, 1500))
    unmerged(merge)
    assert (totals(someone), totals(other)) == ((1200, 1200), (300, 300))


def test_the_catalogue_counts_in_what_nobody_carried_over_yet(someone: Patient) -> None:
    receipt(someone, "2500")
    rules = rules_of(from_tomorrow().pk)
    day = business_day(tomorrow())
    shelf = catalogue(someone.pk, rules, day=day)
    assert (shelf.available, shelf.is_open, totals(someone)[1]) == (2500, True, 0)


def test_what_was_carried_over_is_looked_at_by_the_books(someone: Patient) -> None:
    receipt(someone, "1200")
    from_tomorrow()
    run_due(now=tomorrow())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        tampered = "UPDATE points_pointsentry SET available_delta = {} WHERE kind = 'changeover'"
        cursor.execute(tampered.format(9999))
    found = list(broken_rows())
    assert any("转入的可用积分与启用方案B以前的积分不符" in sentence for sentence in found)
    with connection.cursor() as cursor:
        cursor.execute(tampered.format(1200))
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_periodic_run_says_what_it_did(someone: Patient) -> None:
    out = StringIO()
    call_command("run_periodic", stdout=out)
    assert out.getvalue() == "积分转为可用：0 份档案\n"
