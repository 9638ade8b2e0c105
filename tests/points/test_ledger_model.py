"""The ledger against a second, simple model that shares no code with it (S2:22–70).

`make prove` walks a hundred thousand steps.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Patient
from points.models import TierReview
from points.operations.enrolment import enrol
from points.queries import broken_rows, standing
from scheme.models import Scheme
from scheme.queries import rules_on
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import enrolment, receipt, refund

EXAMPLES = 4000 if os.environ.get("PROVE") else 40
FIRST_DAY = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
LEVELS = [("ordinary", 1000, 2000), ("senior", 5000, 8000), ("vip", 10000, 15000)]
LEVELS.append(("diamond", 20000, 25000))

pytestmark = pytest.mark.django_db
_runs = count(1)


@dataclass
class Person:
    """What a careful clerk would write down: cents paid and given back, by receipt and day."""

    paid: dict[str, tuple[int, int]] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    level: int | None = None
    member: bool = False

    def net(self, number: str) -> int:
        return (self.paid[number][0] - self.back.get(number, 0)) // 100

    def total(self) -> int:
        return sum(self.net(number) for number in self.paid)

    def best_day(self, days: set[int] | None = None) -> int:
        by_day: dict[int, int] = {}
        for number, (_, day) in self.paid.items():
            by_day[day] = by_day.get(day, 0) + self.net(number)
        return max((sum_ for day, sum_ in by_day.items() if not days or day in days), default=0)

    def supported(self, days: set[int] | None = None) -> int:
        """How many levels the points support; only these days count as 一次性消费."""
        best, total = self.best_day(days), self.total()
        return max(
            (
                rank
                for rank, (_, once, sum_) in enumerate(LEVELS, 1)
                if best >= once or total >= sum_
            ),
            default=0,
        )


amounts = st.one_of(
    st.integers(1, 2_000_00),
    st.sampled_from([999_99, 1000_00, 1999_00, 4999_99, 5000_00, 10000_00, 19999_99, 20000_00]),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), amounts, st.integers(0, 6)),
        st.tuples(st.just("again"), st.integers(0, 9)),
        st.tuples(st.just("refund"), st.integers(0, 9), st.fractions(0, 1)),
        st.tuples(st.just("enrol")),
    ),
    min_size=1,
    max_size=25,
)


class Desk:
    """The real operations and the clerk's book side by side, for one patient."""

    def __init__(self) -> None:
        self.run = next(_runs)
        self.patient: Patient = patient()
        self.person = Person()

    def number(self, place: int) -> str:
        return f"M{self.run}-{place}"

    def pay(self, cents: int, day: int) -> None:
        number = self.number(len(self.person.paid))
        at = FIRST_DAY + timedelta(days=day)
        recorded = receipt(self.patient, f"{cents / 100:.2f}", at=at, number=number)
        self.person.paid[number] = (cents, day)
        assert recorded.points == cents // 100
        rank = self.person.supported({day})
        higher = self.person.member and rank > (self.person.level or 0)
        assert recorded.tier_reached == (LEVELS[rank - 1][0] if higher else None)
        if higher:
            self.person.level = rank

    def again(self, place: int) -> None:
        if place >= len(self.person.paid):
            return
        number = self.number(place)
        cents, day = self.person.paid[number]
        at = FIRST_DAY + timedelta(days=day, minutes=5)
        assert receipt(self.patient, f"{cents / 100:.2f}", at=at, number=number).repeated
        with pytest.raises(Refusal, match="收据号 .+ 已用于"):
            receipt(self.patient, f"{(cents + 1) / 100:.2f}", at=at, number=number)

    def refund(self, place: int, part: Fraction) -> None:
        if place >= len(self.person.paid):
            return
        number = self.number(place)
        left = self.person.paid[number][0] - self.person.back.get(number, 0)
        cents = max(1, int(left * part))
        if cents > left:
            with pytest.raises(Refusal, match="退费合计不能超过收据金额"):
                refund(number, f"{cents / 100:.2f}")
            return
        before = self.person.net(number)
        self.person.back[number] = self.person.back.get(number, 0) + cents
        given_back = refund(number, f"{cents / 100:.2f}")
        assert given_back.points == self.person.net(number) - before
        lost = self.person.member and self.person.supported() < (self.person.level or 0)
        waiting = TierReview.objects.filter(membership__patient=self.patient).count()
        assert waiting == (1 if lost or waiting else 0)
        assert not (given_back.review_opened and not lost)

    def enrol(self) -> None:
        from_history = self.person.supported()
        stand = standing(self.patient.pk)
        rules = rules_on(FIRST_DAY.date())
        assert rules is not None
        assert stand.can_enrol(rules) is (not self.person.member and from_history > 0)
        if self.person.member:
            return
        if not from_history:
            with pytest.raises(Refusal, match="积分未达入会标准"):
                join(self.patient)
            return
        assert join(self.patient) == LEVELS[from_history - 1][0]
        self.person.member, self.person.level = True, from_history

    def compare(self) -> None:
        stand = standing(self.patient.pk)
        level = LEVELS[self.person.level - 1][0] if self.person.level else None
        assert (stand.cumulative, stand.tier) == (self.person.total(), level)
        assert stand.available == 0


def join(someone: Patient) -> str | None:
    now = timezone.now()
    by = User.objects.system()
    return enrol(file_number=someone.file_number, given=enrolment(), by=by, now=now).tier


@given(steps)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_points_levels_and_reviews_are_those_of_a_careful_clerk(
    scheme: Scheme, steps: list[tuple[Any, ...]]
) -> None:
    with transaction.atomic():
        desk = Desk()
        for step, *how in steps:
            getattr(desk, step)(*how)
            desk.compare()
        assert list(broken_rows()) == []
        transaction.set_rollback(True)


@given(st.integers(1, 3000_000), st.lists(st.fractions(0, 1), min_size=1, max_size=8))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_refunds_in_any_parts_end_where_one_net_receipt_would_have_ended(
    scheme: Scheme, cents: int, parts: list[Fraction]
) -> None:
    with transaction.atomic():
        someone, other = patient(), patient()
        number = receipt(someone, f"{cents / 100:.2f}").receipt_number
        left = cents
        for part in parts:
            if back := int(left * part):
                refund(number, f"{back / 100:.2f}")
                left -= back
        if left:
            receipt(other, f"{left / 100:.2f}")
        assert standing(someone.pk).cumulative == standing(other.pk).cumulative == left // 100
        transaction.set_rollback(True)
