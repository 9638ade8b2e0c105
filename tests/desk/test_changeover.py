"""The day on which 方案B begins, before anything carried points over: what everybody sees (C3)."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from api.queries import patient_now
from desk.queries.exports import member_rows
from desk.queries.positions import position
from members.models import Membership
from points.models import PointsEntry
from points.operations.corrections import correct_receipt
from points.queries import standing
from points.rules import NewCorrection
from rewards.queries.catalogue import catalogue
from scheme.models import Scheme
from scheme.queries import rules_of
from staff.models import User
from tests.api.conftest import his_caller
from tests.desk.words import squeezed
from tests.factories.members import patient
from tests.factories.merging import merged
from tests.factories.points import member, receipt, refund
from tests.factories.scheme import draft, published, published_by_two

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def plan_a(db: None) -> None:
    published()


@pytest.fixture
def someone() -> Membership:
    """A member with 2,700 points on two files, a refund taken off."""
    yesterday = timezone.now() - timedelta(days=1)
    own = member(patient("P1"))
    receipt(own.patient, "1500", at=yesterday, number="R1")
    refund("R1", "300", at=yesterday)
    other = patient("P2")
    receipt(other, "500", at=yesterday)
    merged(own.patient, other)
    return own


def both_plans(from_on: date, start: str = "cumulative") -> Scheme:
    return published_by_two(
        draft(effective_from=from_on.isoformat(), redemption_start=f'"{start}"')
    )


def seen(own: Membership, version: Scheme, day: date) -> set[object]:
    """The available points by every way in which they are read."""
    file = own.patient
    (row,) = member_rows(day)
    return {
        position(file.pk, today=day).stand.available,
        patient_now(file.file_number, today=day).available_points,
        catalogue(file.pk, rules_of(version.pk), day=day).available,
        row[8],
    }


def cumulative(own: Membership) -> int:
    return standing(own.patient_id).cumulative


def test_every_reading_says_the_same_from_the_first_day_on(someone: Membership) -> None:
    today = timezone.localdate()
    version = both_plans(today + timedelta(days=1))
    assert seen(someone, version, today) == {0}
    assert seen(someone, version, today + timedelta(days=1)) == {cumulative(someone)}


def test_pages_and_answers_say_it_before_and_after_the_periodic_run(
    someone: Membership, as_front_desk: Client
) -> None:
    version, his = both_plans(timezone.localdate()), his_caller()
    points = f"{cumulative(someone):,}"
    for run in (False, True):
        if run:
            call_command("run_periodic")
        page = squeezed(as_front_desk.get(reverse("patient", args=[someone.patient_id])))
        shelf = squeezed(as_front_desk.get(reverse("catalogue", args=[someone.patient_id])))
        assert f"可用积分{points}分" in page and f"可用积分{points}分" in shelf
        assert his.see("P2")["available_points"] == cumulative(someone)
        assert seen(someone, version, timezone.localdate()) == {cumulative(someone)}
    carried = PointsEntry.objects.filter(kind=PointsEntry.Kind.CHANGEOVER)
    assert sum(carried.values_list("available_delta", flat=True)) == cumulative(someone)


def test_a_payment_on_one_file_brings_along_what_the_merged_ones_gave(
    someone: Membership,
) -> None:
    both_plans(timezone.localdate())
    assert receipt(someone.patient, "100").available == cumulative(someone)


def test_a_correction_sent_again_counts_it_in_as_well(someone: Membership) -> None:
    new = NewCorrection("R1", "补写备注", note="复诊")
    for is_on in (False, True):
        if is_on:
            both_plans(timezone.localdate())
        done = correct_receipt(new=new, by=User.objects.system(), now=timezone.now())
        assert done.old.available == (cumulative(someone) if is_on else 0)


@pytest.mark.parametrize("start", ["cumulative", "zero"])
def test_reading_a_balance_takes_one_statement_more_while_plan_b_began_so(
    someone: Membership, start: str
) -> None:
    both_plans(timezone.localdate(), start)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        stand = standing(someone.patient_id, day=timezone.localdate())
    assert (len(asked), stand.available > 0) == ((2, True) if start == "cumulative" else (1, False))
