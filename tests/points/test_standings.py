from datetime import timedelta

import pytest
from django.utils import timezone

from points.queries import standing
from scheme.models import Scheme
from scheme.queries import rules_of
from scheme.rules import Rules
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import receipt
from tests.factories.scheme import published


def missing(person_id: int, rules: Rules) -> int:
    return standing(person_id).missing(rules, business_day(timezone.now()))


def test_what_was_paid_today_counts_towards_joining(scheme: Scheme) -> None:
    person = patient()
    receipt(person, "400")
    assert missing(person.pk, rules_of(scheme.pk)) == 600


def test_what_was_paid_on_another_day_counts_only_in_the_total(scheme: Scheme) -> None:
    person = patient()
    receipt(person, "400", at=timezone.now() - timedelta(days=3))
    assert missing(person.pk, rules_of(scheme.pk)) == 1000
    receipt(person, "900", at=timezone.now() - timedelta(days=2))
    assert missing(person.pk, rules_of(scheme.pk)) == 700


@pytest.mark.django_db
def test_c16_where_one_receipt_must_reach_it_todays_others_do_not_help() -> None:
    scheme = published(one_time_scope='"receipt"')
    person = patient()
    receipt(person, "400")
    assert missing(person.pk, rules_of(scheme.pk)) == 1000
