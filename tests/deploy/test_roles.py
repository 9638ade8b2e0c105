"""The application's role of `deploy/roles.sql`: it works, and can't get round the ledger."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from members.models import HouseholdPerson, SearchKey
from members.operations.access import record_access
from members.operations.cards import give_card, replace_card
from members.operations.households import leave_household
from members.operations.patients import save_patient
from members.queries import broken_rows as broken_members
from points.models import Receipt, TierReview
from points.operations.imports import PAYMENTS
from points.operations.reviews import decide_review
from points.queries import broken_rows, standing
from rewards.operations.simulation import advance_simulation, begin_simulation
from scheme.models import Scheme
from staff.models import User
from staff.operations.exports import record_export
from staff.operations.staging import advance, begin_saving, cancel, stage
from staff.rules import business_day
from staff.spreadsheets import open_sheet
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund
from tests.factories.scheme import draft, published_by_two
from tests.factories.spreadsheets import csv_file
from tests.rewards.ground import fill, in_order

pytestmark = pytest.mark.django_db
ROLE = "membership_app_in_tests"
SCRIPT = Path(__file__).parents[2] / "deploy" / "roles.sql"


@pytest.fixture
def as_application(scheme: Scheme, manager: User) -> Iterator[None]:
    """The session works under the application's role, which the script made."""
    statements = SCRIPT.read_text(encoding="utf-8").split("\\gexec")[1]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} NOSUPERUSER")
        cursor.execute(re.sub(r':"app_role"', ROLE, statements))
        cursor.execute(f"SET SESSION AUTHORIZATION {ROLE}")
        yield
        cursor.execute("RESET SESSION AUTHORIZATION")


def test_the_application_s_operations_work_under_its_role(
    as_application: None, manager: User
) -> None:
    someone = patient()
    member(someone, "1000")
    receipt(someone, "12000", number="B")
    assert refund("B", "12000").review_opened
    decide_review(
        review_id=TierReview.objects.get().pk,
        decision=TierReview.Decision.WAIVE,
        sentence="同意",
        by=manager,
        now=timezone.now(),
    )
    assert standing(someone.pk).tier == "ordinary"
    assert list(broken_rows()) == []


def test_the_front_desk_works_under_its_role(as_application: None, manager: User) -> None:
    now, someone = timezone.now(), patient(phone="13987450001")
    card = member(someone, "1000").cards.get()
    give_card(card_id=card.pk, by=manager, now=now)
    replace_card(card_id=card.pk, reason="lost", document_shown="resident_id", by=manager, now=now)
    save_patient(file_number=someone.file_number, given={"name": "曾国藩"}, by=manager, now=now)
    assert SearchKey.objects.filter(patient=someone, key="cgf").exists()
    record_access(patient=someone, what=["phone"], reason="回访", by=manager, now=now)
    record_export(
        what="members",
        title="会员名册",
        filters="",
        row_count=1,
        reason="对账",
        by=manager,
        now=now,
    )
    assert list(broken_members()) == []


def test_a_file_goes_in_under_its_role(as_application: None, manager: User, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "收据号,档案号,金额,收费时间,姓名\nR1,P1,5,2024-03-05,张三\n")
    now = timezone.now()
    sheet = open_sheet(path, PAYMENTS.columns)
    batch = stage(sheet=sheet, kind=PAYMENTS, file_name="a.csv", by=manager, now=now)
    advance(batch_id=batch.pk, kind=PAYMENTS, now=now)
    begin_saving(batch_id=batch.pk, by=manager, now=now)
    assert advance(batch_id=batch.pk, kind=PAYMENTS, now=now).state == "done"
    assert receipt_is_there("R1")
    other = stage(sheet=sheet, kind=PAYMENTS, file_name="a.csv", by=manager, now=now)
    cancel(batch_id=other.pk, now=now)


def test_rewards_are_issued_used_and_bought_under_its_role(as_application: None) -> None:
    today = business_day(timezone.now()).isoformat()
    published_by_two(draft("qujing_dental_both", effective_from=today))
    fill()
    child = HouseholdPerson.objects.get(is_child=True)
    leave_household(person_id=child.pk, reason="分户", by=User.objects.system(), now=timezone.now())
    in_order()


def test_a_draft_is_simulated_under_its_role(as_application: None, manager: User) -> None:
    now = timezone.now()
    receipt(member(patient(), "1000").patient, "2000")
    begun = begin_simulation(
        draft=draft("qujing_dental_both", effective_from="2040-01-01"),
        beside=None,
        from_on=business_day(now),
        to_on=business_day(now),
        by=manager,
        now=now,
    )
    while not begun.finished_at:
        begun = advance_simulation(simulation_id=begun.pk, now=now)
    assert begun.done == 1


def receipt_is_there(number: str) -> bool:
    return Receipt.objects.filter(number=number, imported_in__isnull=False).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE points_pointsentry DISABLE TRIGGER ALL",
        "DROP TRIGGER points_entry_append_only ON points_pointsentry",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION points_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE points_pointsentry DROP CONSTRAINT points_entry_no_gaps",
        "UPDATE points_pointsentry SET cumulative_delta = 1",
        "DELETE FROM points_pointsentry",
        "TRUNCATE points_pointsentry",
        "TRUNCATE points_receipt CASCADE",
        "UPDATE points_receipt SET amount = 1",
        "DELETE FROM points_receipt",
        "UPDATE points_refund SET amount = 1",
        "DELETE FROM points_pointsaccount",
        "UPDATE points_tierreached SET rank = 4",
        "DELETE FROM staff_approval",
        "UPDATE staff_approval SET requested_by_id = 1",
        "DELETE FROM members_membership",
        "DELETE FROM django_migrations",
        "UPDATE members_patientevent SET phone = ''",
        "UPDATE members_accesslog SET reason = '改'",
        "DELETE FROM members_accesslog",
        "DELETE FROM staff_export",
        "UPDATE staff_export SET row_count = 1",
        "UPDATE members_signature SET text = ''",
        "UPDATE members_card SET number = ''",
        "DELETE FROM rewards_issue",
        "UPDATE rewards_use SET cost = 0",
        "UPDATE rewards_claim SET code = NULL",
        "UPDATE rewards_redemption SET points = 1",
        "UPDATE rewards_undoing SET reason = ''",
        "UPDATE rewards_settlement SET settled_at = now()",
        "DELETE FROM rewards_simulation",
        "DELETE FROM members_householdperson",
        "UPDATE scheme_pricechange SET list_price = 1",
    ],
)
def test_the_application_s_role_is_not_allowed(as_application: None, statement: str) -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as sql:
        sql.execute(statement)
    assert getattr(refused.value.__cause__, "sqlstate", None) == "42501"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE points_receipt SET refunded_amount = 0",
        "UPDATE points_pointsaccount SET cumulative = 99999",
    ],
)
def test_what_it_may_touch_only_the_triggers_move(as_application: None, statement: str) -> None:
    receipt(patient(), "100")
    with pytest.raises(DatabaseError, match="不能修改|只能由流水改变"), transaction.atomic():
        connection.cursor().execute(statement)
