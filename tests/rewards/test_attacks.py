"""Every named constraint and every trigger of rewards, attacked by raw SQL as the tables' owner."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from rewards.models import Redemption
from staff.refusals import refusal_for
from tests.points.attacks import Attack
from tests.points.conftest import run
from tests.rewards.attacks import ON_ISSUES, ON_TAKEN, ON_UNDOINGS, again
from tests.rewards.attacks_on_records import ON_CLAIMS_AND_USES, ON_REQUESTS_AND_REPORTS
from tests.rewards.attacks_on_redemptions import ON_REDEMPTIONS, ON_SPENT_POINTS

pytestmark = pytest.mark.django_db

# It fills what a redemption is called; that it lets nobody else do so has a test of its own.
CANNOT_FAIL = {"rewards_redemption_start"}

EVERY = [
    *(*ON_TAKEN, *ON_ISSUES, *ON_UNDOINGS, *ON_CLAIMS_AND_USES),
    *(*ON_REQUESTS_AND_REPORTS, *ON_REDEMPTIONS),
]


@pytest.mark.parametrize("attack", [*EVERY, *ON_SPENT_POINTS], ids=lambda attack: attack.guard)
def test_the_guard_stops_the_attack_and_says_why(reward_books: None, attack: Attack) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        if attack.triggers_off:
            run("SET LOCAL session_replication_role = replica")
        run(attack.sql)
    refusal = refusal_for(caught.value)
    assert refusal is not None
    assert (refusal.code, refusal.message) == (attack.code, attack.sentence)


def test_what_a_redemption_is_called_is_not_for_the_asking(reward_books: None) -> None:
    with transaction.atomic():
        run(
            again(
                Redemption,
                "NOT voided",
                number="'DH1'",
                reference="'redemption:1'",
                voided="true",
                idempotency_key="NULL",
            )
        )
        made = Redemption.objects.latest("pk")
        assert (made.number, made.voided) == (f"DH{made.pk:08d}", False)
        assert made.reference == f"redemption:{made.pk}"
        transaction.set_rollback(True)


def test_every_constraint_and_trigger_has_its_attack() -> None:
    models = list(apps.get_app_config("rewards").get_models())
    guards = {constraint.name for model in models for constraint in model._meta.constraints}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE 'pgtrigger%%'"
            " AND tgrelid = ANY(%s::regclass[])",
            [[model._meta.db_table for model in models]],
        )
        guards |= {name for (name,) in cursor.fetchall()}
    attacked = {attack.guard for attack in EVERY}
    assert (guards - CANNOT_FAIL - attacked, attacked - guards) == (set(), set())
