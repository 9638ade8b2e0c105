"""Every named constraint and every trigger of staff, members and points, attacked by raw SQL.

The attacks run as the owner of the tables, past the application.
"""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from staff.refusals import refusal_for
from tests.points.attacks import ON_LEDGER, Attack
from tests.points.attacks_on_cards import ON_CARDS, ON_TALKS
from tests.points.attacks_on_facts import ON_CORRECTIONS, ON_LEGACY, ON_MOVED_POINTS
from tests.points.attacks_on_households import ON_HOUSEHOLDS
from tests.points.attacks_on_merging import ON_MERGING
from tests.points.attacks_on_people import ON_PEOPLE
from tests.points.attacks_on_records import ON_RECORDS
from tests.points.attacks_on_spending import ON_SPENDING
from tests.points.attacks_on_staff import ON_STAFF
from tests.points.conftest import run

pytestmark = pytest.mark.django_db

ATTACKED = ("staff", "members", "points")
# The key that the membership's document refers to; it holds the primary key, so it can't fail.
CANNOT_FAIL = {"patient_document_for_membership"}

EVERY = [
    *(*ON_LEDGER, *ON_CORRECTIONS, *ON_LEGACY, *ON_MOVED_POINTS, *ON_SPENDING),
    *(*ON_PEOPLE, *ON_MERGING, *ON_STAFF, *ON_CARDS, *ON_TALKS, *ON_RECORDS),
    *ON_HOUSEHOLDS,
]


@pytest.mark.parametrize("attack", EVERY, ids=lambda attack: attack.sql[:60])
def test_the_guard_stops_the_attack_and_says_why(books: None, attack: Attack) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        if attack.triggers_off:
            run("SET LOCAL session_replication_role = replica")
        run(attack.sql)
    refusal = refusal_for(caught.value)
    assert refusal is not None
    assert (refusal.code, attack.sentence) == (attack.code, attack.sentence and refusal.message)


def test_every_constraint_and_trigger_has_its_attack() -> None:
    models = [model for app in ATTACKED for model in apps.get_app_config(app).get_models()]
    guards = {constraint.name for model in models for constraint in model._meta.constraints}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE 'pgtrigger%%'"
            " AND tgrelid = ANY(%s::regclass[])",
            [[model._meta.db_table for model in models]],
        )
        guards |= {name for (name,) in cursor.fetchall()}
    attacked = {attack.guard for attack in EVERY}
    missing = guards - CANNOT_FAIL - attacked
    gone = attacked - guards
    assert (missing, gone) == (set(), set())
