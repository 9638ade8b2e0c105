from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from desk.demo import names
from desk.demo.seeding import Seeded, seed
from desk.demo.staffing import LOGINS, Login, password
from desk.demo.stories import STORIES
from desk.queries.joining import joining_page
from desk.queries.oversight import oversight_page
from members.models import AccessLog, Card, DetailsChange, FileMerge, Membership, Patient
from members.queries.merging import suspects
from members.rules import age_on
from points.models import (
    Correction,
    LegacyBalance,
    PointsEntry,
    Receipt,
    Refund,
    TierReached,
    TierReview,
)
from points.queries import standings
from scheme import queries as schemes
from scheme.models import Scheme
from scheme.rules import missing_to_next
from staff import roles
from staff.models import Approval, Department, Designation, Doctor, User
from staff.rules import business_day
from tests.desk.demonstrated import LOOKS

PATIENTS = len(STORIES) + 33

pytestmark = [pytest.mark.usefixtures("seeded"), pytest.mark.django_db]


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Seeded]:
    """A small demonstration, written once for this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield seed(seed=1, now=timezone.now(), patients=PATIENTS)
        transaction.set_rollback(True)


def levels_by_path() -> dict[tuple[str, str], int]:
    rows = TierReached.objects.values_list("tier", "path").annotate(Count("pk"))
    return {(tier, path): count for tier, path, count in rows}


def test_r12_to_r15_every_level_is_reached_by_both_paths() -> None:
    found = levels_by_path()
    for tier in ("ordinary", "senior", "vip", "diamond"):
        for path in ("one_time", "cumulative"):
            assert found[tier, path] >= 1, (tier, path)


def test_levels_are_reached_at_enrolment_and_after_it() -> None:
    assert set(TierReached.objects.values_list("at_enrolment", flat=True)) == {True, False}


def test_some_can_join_and_have_not() -> None:
    rules = schemes.rules_on(timezone.localdate())
    assert rules
    everyone = standings(set(Patient.objects.values_list("pk", flat=True)))
    assert sum(stand.can_enrol(rules) for stand in everyone.values()) >= 6


@pytest.mark.parametrize("tier", [None, "ordinary", "senior", "vip"])
def test_some_are_one_point_below_the_next_level(tier: str | None) -> None:
    rules = schemes.rules_on(timezone.localdate())
    assert rules
    by_one_day, by_total = set(), set()
    for stand in standings(set(Patient.objects.values_list("pk", flat=True))).values():
        if stand.tier == tier and stand.visits:
            top = max(visit.total.points for visit in stand.visits)
            missing = missing_to_next(rules, tier, today=top, cumulative=stand.cumulative)
            assert missing
            by_one_day.add(missing.one_time)
            by_total.add(missing.cumulative)
    assert 1 in by_one_day and 1 in by_total


def test_c17_refunds_in_whole_and_in_parts() -> None:
    assert Receipt.objects.filter(refunded_amount=F("amount")).count() == 2
    parts = Refund.objects.values("receipt").annotate(number=Count("pk"))
    assert max(row["number"] for row in parts) == 2


def test_c18_one_review_waits_and_two_are_decided() -> None:
    decisions = TierReview.objects.order_by("decision").values_list("decision", flat=True)
    assert list(decisions) == ["", "keep", "waive"]
    waiting = TierReview.objects.select_related("approval").get(decision="")
    assert (waiting.tier, waiting.supported_tier) == ("diamond", "vip")
    assert waiting.approval.decided_at is None


def test_c41_minors_have_guardians_and_foreigners_other_documents() -> None:
    minors = Membership.objects.exclude(guardian_name="").select_related("patient")
    assert len(minors) >= 2
    for member in minors:
        assert member.patient.birth_date
        assert age_on(member.signed_on, member.patient.birth_date) < 18
    kinds = set(Membership.objects.values_list("document_type", flat=True))
    assert kinds == {"resident_id", "passport", "hk_macau_permit"}


def test_someone_has_no_phone() -> None:
    assert Patient.objects.filter(phone="").count() == 1


def test_nobody_real_is_meant() -> None:
    for person in Patient.objects.filter(document_type="resident_id"):
        assert person.document_number.startswith(names.ID_REGION)
    for person in Patient.objects.exclude(phone=""):
        assert person.phone.startswith(names.PHONE_PREFIXES)


def test_receipts_reach_from_two_years_ago_to_today_with_several_on_one() -> None:
    days = Receipt.objects.order_by("day").values_list("day", flat=True)
    today = business_day(timezone.now())
    assert today - days[0] > timedelta(days=600)
    assert days[len(days) - 1] == today
    crowded = Receipt.objects.values("patient", "day").annotate(number=Count("pk"))
    assert max(row["number"] for row in crowded) >= 3


def test_receipts_name_departments_and_doctors_that_exist() -> None:
    departments = set(Department.objects.values_list("name", flat=True))
    doctors = set(Doctor.objects.values_list("staff_number", flat=True))
    assert set(Receipt.objects.values_list("department", flat=True)) <= departments
    assert set(Receipt.objects.values_list("doctor_number", flat=True)) <= doctors


def test_two_cashiers_wrote_the_receipts() -> None:
    names_of = Receipt.objects.values_list("by__username", flat=True).distinct()
    assert set(names_of) == {"shoufei", "shoufei2"}


def test_c3_both_plans_are_on_since_new_year() -> None:
    first, second = Scheme.objects.published().order_by("effective_from")
    assert (first.plan_a, first.plan_b, second.plan_a, second.plan_b) == (True, False, True, True)
    today = business_day(timezone.now())
    assert second.effective_from == today.replace(month=1, day=1)
    before = PointsEntry.objects.filter(scheme=first).exclude(available_delta=0)
    assert not before.exists()


def test_the_books_hold() -> None:
    out = StringIO()
    call_command("check_books", stdout=out)
    assert "账目无误" in out.getvalue()


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: login.username)
def test_each_role_can_log_in(login: Login) -> None:
    request = RequestFactory().post("/")
    assert authenticate(request, username=login.username, password=password()) is not None


def test_there_is_a_log_in_for_every_role_but_the_interfaces() -> None:
    assert {login.role for login in LOGINS} == set(roles.ROLES) - {roles.HIS}


def test_r58_the_member_administrator_is_designated_with_a_substitute() -> None:
    designation = Designation.objects.on(timezone.localdate()).get()
    assert designation.user.username == "huiyuan"
    assert designation.user.has_perm("members.add_membership")
    assert User.objects.get(username="shichang").has_perm("members.add_membership") is False


def test_the_password_is_one_that_staff_could_have_chosen() -> None:
    users = User.objects.filter(username__in=[login.username for login in LOGINS])
    assert len(users) == len(LOGINS)
    for user in users:
        validate_password(password(), user)


def test_the_command_refuses_a_database_that_is_not_empty() -> None:
    before = Receipt.objects.count()
    with pytest.raises(CommandError, match="数据库不是空的，演示数据只能写入空数据库"):
        call_command("seed_demo")
    assert Receipt.objects.count() == before


def test_started_again_it_lists_the_log_ins() -> None:
    out = StringIO()
    call_command("seed_demo", "--if-empty", stdout=out)
    assert "数据库中已有数据，没有写入演示数据。" in out.getvalue()
    for login in LOGINS:
        assert login.username in out.getvalue() and login.role in out.getvalue()
    assert out.getvalue().count(password()) == len(LOGINS)


def test_members_from_before_keep_their_numbers() -> None:
    old = Membership.objects.filter(imported_in__isnull=False)
    assert old.count() == 6
    assert all(member.number.startswith("K") and member.joined_on.year < 2024 for member in old)


def test_c2_legacy_points_count_once_they_are_confirmed() -> None:
    assert TierReached.objects.filter(path=TierReached.Path.LEGACY, restated_by=None).exists()
    posted = PointsEntry.objects.filter(kind=PointsEntry.Kind.OPENING).count()
    assert 0 < posted < LegacyBalance.objects.count()
    assert Approval.objects.waiting().filter(kind=Approval.Kind.LEGACY_POINTS).count() == 1


def test_c39_wrong_receipts_were_put_right_in_each_way() -> None:
    moved, less, void = Correction.objects.order_by("pk").select_related("receipt")
    newest = Receipt.objects.order_by("-revision")
    assert newest.filter(number="SJ-CW-01")[0].patient_id != moved.receipt.patient_id
    assert newest.filter(number="SJ-CW-02")[0].amount < less.receipt.amount
    assert newest.filter(number="SJ-CW-03")[0] == void.receipt
    assert void.receipt.voided


def test_c40_one_pair_of_files_is_merged_one_waits_one_is_only_suspected() -> None:
    assert FileMerge.objects.live().count() == FileMerge.objects.waiting().count() == 1
    assert len(suspects("1")) >= 1


def test_r26_everybody_who_can_join_is_listed_and_some_were_asked() -> None:
    today = timezone.localdate()
    rules = schemes.rules_on(today)
    assert rules
    roots = set(Patient.objects.filter(merged_into=None).values_list("pk", flat=True))
    able = sum(stand.can_enrol(rules) for stand in standings(roots).values())
    page = joining_page("waiting", "1", today=today)
    assert sum(tab.count for tab in page.tabs) == able
    assert all(tab.count for tab in page.tabs)
    assert page.rows.object_list[0].talk, "somebody is to be asked again"
    assert AccessLog.objects.filter(reason="征询入会").exists()


def test_c21_most_cards_that_are_due_were_given_and_one_was_lost() -> None:
    given = Card.objects.live().exclude(given_at=None)
    stopped = Card.objects.get(stopped_reason="lost")
    assert given.count() >= 2 and stopped.membership.cards.live().get() in given


def test_r30_a_member_moved_on_a_document_shown() -> None:
    change = DetailsChange.objects.get()
    assert change.fields == ["address"] and change.document_shown


def test_the_managers_daily_list_is_short_and_has_something_of_each_kind() -> None:
    page = oversight_page(timezone.localdate())
    assert len(page.corrections) == 3
    assert 0 < len(page.late.rows) < 20
    assert page.own_refunds.rows


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.__name__)
def test_the_desks_handed_over_gave_away_and_redeemed(look: Callable[[], None]) -> None:
    look()
