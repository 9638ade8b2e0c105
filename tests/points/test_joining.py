"""The list of who can join is the same people as each standing tells by itself."""

from datetime import date, timedelta
from itertools import product
from random import Random

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Membership, Patient
from members.operations.joining import record_talk
from points.queries import Standing, standings
from points.queries.joining import TABS, joinable
from points.rules import chance_sentence, eligible_since, first_chance
from scheme.models import Scheme
from scheme.rules import Rules
from tests.factories.members import patient
from tests.factories.merging import merged, unmerged
from tests.factories.points import confirmed, corrected, legacy, member, receipt, refund
from tests.factories.scheme import rules
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

# Sums around the thresholds of 1,000 on a day and 2,000 in all.
AMOUNTS = ("10", "480", "520", "999.99", "1000", "1001", "400", "600", "100.50")


@pytest.fixture
def history(scheme: Scheme) -> Random:
    """Visits, refunds, corrections, merged and parted files, members, points of before."""
    random = Random(20261122)
    files = [patient() for _ in range(30)]
    for file in files:
        visits(random, file)
    for one, other in ((0, 1), (2, 3), (4, 5)):
        merge = merged(files[one], files[other])
        if one == 4:
            unmerged(merge)
    visits(random, files[1])
    for file in files[26:]:
        member(file)
    confirmed(legacy((files[24], 20000), (files[25], 25000)))
    return random


def visits(random: Random, file: Patient) -> None:
    now = timezone.now()
    for _ in range(random.randint(0, 4)):
        at = now - timedelta(days=random.choice((0, 1, 2, 40)))
        paid = receipt(file, random.choice(AMOUNTS), at=at).receipt_number
        fate = random.random()
        if fate < 0.15:
            refund(paid, "10")
        elif fate < 0.3:
            corrected(paid, void=True)


def told_one_by_one(by: Rules) -> set[int]:
    roots = set(Patient.objects.filter(merged_into=None).values_list("pk", flat=True))
    return {key for key, stand in standings(roots).items() if stand.can_enrol(by)}


def listed(by: Rules, *, tab: str = "waiting", size: int = 1000) -> list[int]:
    found = joinable(by, tab=tab, page=1, today=timezone.localdate(), size=size)
    return list(found.patient_ids)


def test_r26_the_list_is_everybody_who_can_join(history: Random) -> None:
    for scope, rule in product(("day", "receipt"), ("threshold", "everyone")):
        by = rules(one_time_scope=scope, enrol_rule=rule)
        people = listed(by)
        assert set(people) == told_one_by_one(by) and len(people) == len(set(people))
        assert 3 < len(people) < Patient.objects.count()
        assert not Membership.objects.filter(patient__in=people).exists()
    assert_the_day_that_is_named_is_the_first_that_allows_a_signature()


def assert_the_day_that_is_named_is_the_first_that_allows_a_signature() -> None:
    by = rules()
    for stand in standings(listed(by)).values():
        chance = first_chance(by, stand.visits, before=stand.before_visits)
        assert chance and chance.day == eligible_since(by, stand.visits, before=stand.before_visits)
        assert chance_sentence(chance)


def stand_of(*visits: tuple[int, str], before: int = 0) -> Standing:
    """Where somebody stands who paid these yuan so many days ago."""
    someone = patient()
    if before:
        confirmed(legacy((someone, before)))
    for ago, yuan in visits:
        receipt(someone, yuan, at=timezone.now() - timedelta(days=ago))
    return standings([someone.pk])[someone.pk]


@pytest.mark.parametrize(
    ("visits", "before", "ago", "sentence"),
    [
        ([(9, "400"), (9, "1240.50"), (1, "2000")], 0, 9, "一次性消费 1,640.50 元"),
        ([(9, "900"), (5, "900"), (2, "300"), (1, "20")], 0, 2, "累计积分达到 2,100 分"),
        ([(9, "1200")], 20000, None, "原积分 20,000 分"),
        ([(9, "999.99")], 0, None, "所有病人都可以入会"),
    ],
)
def test_the_path_is_told_in_words(
    scheme: Scheme, visits: list[tuple[int, str]], before: int, ago: int | None, sentence: str
) -> None:
    stand = stand_of(*visits, before=before)
    chance = first_chance(rules(), stand.visits, before=stand.before_visits)
    assert chance_sentence(chance) == sentence
    day = chance.day if chance else None
    assert day == (None if ago is None else timezone.localdate() - timedelta(days=ago))


def answered(file: Patient, outcome: str, again: date | None = None, *, days: int = 0) -> None:
    record_talk(
        patient_id=file.pk,
        given={"outcome": outcome, "ask_again_on": again.isoformat() if again else ""},
        seen=None,
        by=user(),
        now=timezone.now() - timedelta(days=days),
    )


def test_each_answer_has_its_tab_and_whoever_is_due_again_waits(scheme: Scheme) -> None:
    by, today = rules(), timezone.localdate()
    files = [patient() for _ in range(5)]
    for place, file in enumerate(files):
        receipt(file, f"{1000 + place}")
    answered(files[0], "agreed")
    answered(files[1], "declined")
    answered(files[2], "later", today + timedelta(days=1))
    answered(files[3], "later", today, days=9)
    assert listed(by, tab="agreed") == [files[0].pk]
    assert listed(by, tab="declined") == [files[1].pk]
    assert listed(by, tab="later") == [files[2].pk]
    assert listed(by) == [files[3].pk, files[4].pk]
    counts = joinable(by, tab="later", page=1, today=today).counts
    assert counts == {"waiting": 2, "agreed": 1, "later": 1, "declined": 1}


def test_c40_what_a_merged_file_answered_counts_for_the_file_that_is_left(scheme: Scheme) -> None:
    kept, absorbed = patient(), patient()
    receipt(kept, "1000")
    answered(kept, "declined", days=3)
    answered(absorbed, "agreed", days=1)
    merge = merged(kept, absorbed)
    assert listed(rules(), tab="agreed") == [kept.pk] and listed(rules()) == []
    unmerged(merge)
    assert listed(rules(), tab="declined") == [kept.pk]


def test_a_page_after_the_last_is_the_last(scheme: Scheme) -> None:
    for _ in range(3):
        receipt(patient(), "1000")
    pages = [
        joinable(rules(), tab="waiting", page=page, today=timezone.localdate(), size=2)
        for page in (1, 2, 99)
    ]
    assert [len(page.patient_ids) for page in pages] == [2, 1, 1]
    assert pages[1] == pages[2]


def test_one_statement_lists_any_number(
    scheme: Scheme, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        receipt(patient(), "1000")
    with django_assert_max_num_queries(1):
        assert [len(listed(rules(), tab=tab)) for tab in TABS[:1]] == [4]
