"""All kinds of entries in any order, against `tests.points.clerk` (S2:22–70, C39, C40).

`make prove` walks a hundred thousand steps.
"""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from members.models import FileMerge
from points.models import Refund, TierReview
from points.operations.corrections import correct_receipt, void_refund
from points.operations.enrolment import enrol
from points.operations.legacy import confirm_at_once, save_balances
from points.operations.merging import decide_merge, decide_undo
from points.operations.reviews import decide_review
from points.queries import broken_rows, standings
from points.rules import NewCorrection, NewLegacy
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import NEW
from tests.factories.imports import import_record
from tests.factories.members import patient
from tests.factories.merging import asked_merge, asked_undo
from tests.factories.points import enrolment, receipt, refund
from tests.factories.scheme import published
from tests.factories.staff import user
from tests.points.clerk import LEVELS, Clerk, Paper, Slip

EXAMPLES = 2000 if os.environ.get("PROVE") else 5
FILES = 3
FIRST_DAY = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
WORDS = ("keep", "recover", "waive")
RANKS = {"": 0} | {code: rank for rank, (code, _, _) in enumerate(LEVELS, 1)}

pytestmark = pytest.mark.django_db
_runs = count(1)

places = st.integers(0, 7)
files = st.integers(0, FILES - 1)
days = st.integers(0, 3)
amounts = st.one_of(
    st.integers(1, 2_000_00),
    st.sampled_from([999_99, 1000_00, 1999_00, 4999_99, 5000_00, 10000_00, 19999_99, 20000_00]),
)
large = st.sampled_from([1000_00, 5000_00, 9999_99, 10000_00, 20000_00, 25000_00])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), files, amounts, days),
        st.tuples(st.just("rise"), files, large, days),
        st.tuples(st.just("refund"), places, st.integers(1, 100)),
        st.tuples(st.just("refund"), places, st.just(100)),
        st.tuples(st.just("void_refund"), places),
        st.tuples(st.just("move"), places, files),
        st.tuples(st.just("change"), places, amounts, days),
        st.tuples(st.just("void"), places),
        st.tuples(st.just("open_legacy"), files, st.sampled_from([20000, 24999, 25000])),
        st.tuples(st.just("merge"), files, st.integers(1, FILES - 1)),
        st.tuples(st.just("part"), places),
        st.tuples(st.just("decide"), st.sampled_from(WORDS)),
        st.tuples(st.just("decide"), st.sampled_from(WORDS)),
    ),
    min_size=10,
    max_size=50,
)

# The receipt comes to another member by way of a patient who is none, and the answer with it.
BY_A_DETOUR: list[tuple[Any, ...]] = [
    ("rise", 2, 1000_00, 0),
    ("rise", 0, 10000_00, 3),
    ("refund", 0, 100),
    ("decide", "keep"),
    ("void", 1),
    ("void", 0),
    ("move", 0, 1),
    ("move", 0, 0),
]


def yuan(cents: int) -> Decimal:
    return Decimal(cents) / 100


class Desk:
    """The real operations beside the clerk; what the product refuses, the clerk never writes."""

    def __init__(self, spends: bool) -> None:
        self.run = next(_runs)
        self.clerk = Clerk()
        self.files = [patient(f"M{self.run}-{place}") for place in range(FILES)]
        self.merges: list[FileMerge] = []
        self.by, self.manager = User.objects.system(), user()
        self.spends = spends
        self.steps = 0

    def pay(self, file: int, cents: int, day: int) -> None:
        number = f"M{self.run}-{len(self.clerk.papers)}"
        at = FIRST_DAY + timedelta(days=day)
        if not self.taken(
            lambda: receipt(self.files[file], str(yuan(cents)), at=at, number=number)
        ):
            return
        self.clerk.papers.append(Paper(file, cents, day))
        self.clerk.events.append(("paid", len(self.clerk.papers) - 1))

    def rise(self, file: int, cents: int, day: int) -> None:
        """A large payment, and joining if that is possible."""
        self.pay(file, cents, day)
        self.join(file)

    def refund(self, place: int, percent: int) -> None:
        if not self.clerk.papers:
            return
        which = place % len(self.clerk.papers)
        cents = max(1, self.clerk.left(which) * percent // 100)
        number = f"M{self.run}-{len(self.clerk.slips)}"
        if self.taken(lambda: refund(self.number(which), str(yuan(cents)), number=number)):
            self.clerk.slips.append(Slip(which, cents))
            self.clerk.events.append(("back", len(self.clerk.slips) - 1))

    def void_refund(self, place: int) -> None:
        if not self.clerk.slips:
            return
        which = place % len(self.clerk.slips)
        number, now = f"M{self.run}-{which}", timezone.now()
        if self.taken(
            lambda: void_refund(refund_number=number, reason="录错", by=self.by, now=now)
        ):
            self.clerk.slips[which].void = True

    def move(self, place: int, file: int) -> None:
        which = self.corrected(place, file_number=self.files[file].file_number)
        if which is not None:
            self.clerk.papers[which].file = file

    def change(self, place: int, cents: int, day: int) -> None:
        at = FIRST_DAY + timedelta(days=day)
        which = self.corrected(place, amount=yuan(cents), paid_at=at)
        if which is not None:
            self.clerk.papers[which].cents, self.clerk.papers[which].day = cents, day

    def void(self, place: int) -> None:
        which = self.corrected(place, void=True)
        if which is not None:
            self.clerk.papers[which].void = True

    def corrected(self, place: int, **how: Any) -> int | None:
        """The receipt that was put right; None where the product refused."""
        if not self.clerk.papers:
            return None
        which = place % len(self.clerk.papers)
        self.steps += 1
        how["reenter"] = self.clerk.papers[which].void and not how.get("void")
        new = NewCorrection(self.number(which), f"录错 {self.steps}", **how)
        now = timezone.now()
        if not self.taken(lambda: correct_receipt(new=new, by=self.by, now=now)):
            return None
        self.clerk.papers[which].void = False
        return which

    def join(self, file: int) -> None:
        number, now, form = self.files[file].file_number, timezone.now(), enrolment()
        if self.clerk.person(file).member:
            return
        eligible = self.clerk.person(file).supported() > 0
        joined = self.taken(lambda: enrol(file_number=number, given=form, by=self.by, now=now))
        assert joined is eligible
        if joined:
            self.clerk.events.append(("joined", self.clerk.root(file)))

    def open_legacy(self, file: int, points: int) -> None:
        until = date(2025, 12, 31)
        row = NewLegacy(self.files[file].file_number, "张三丰", points, until)
        batch, now = import_record("legacy_points", by=self.by), timezone.now()
        (result,) = save_balances(rows=[row], by=self.by, now=now, batch=batch)
        if result != NEW:
            return
        confirm_at_once(batch=batch, by=self.by, now=now)
        self.clerk.legacy[file] = points
        self.clerk.events.append(("legacy", file))

    def merge(self, kept: int, further: int) -> None:
        absorbed = (kept + further) % FILES

        def merge() -> None:
            asked = asked_merge(self.files[kept], self.files[absorbed], by=self.by)
            decide_merge(
                merge_id=asked.pk, approve=True, sentence="同", by=self.manager, now=timezone.now()
            )
            self.merges.append(asked)

        if self.taken(merge):
            self.clerk.into[absorbed] = kept

    def part(self, place: int) -> None:
        if not self.merges:
            return
        merge = self.merges[place % len(self.merges)]

        def part() -> None:
            asked_undo(merge, by=self.by)
            decide_undo(
                merge_id=merge.pk, approve=True, sentence="同", by=self.manager, now=timezone.now()
            )

        if self.taken(part):
            (absorbed,) = (n for n, f in enumerate(self.files) if f.pk == merge.absorbed_id)
            del self.clerk.into[absorbed]

    def decide(self, word: str) -> None:
        waiting = TierReview.objects.waiting().order_by("pk").first()
        if waiting is None:
            return
        decide_review(
            review_id=waiting.pk,
            decision=TierReview.Decision(word),
            sentence="同意",
            by=self.manager,
            now=timezone.now(),
        )
        slip = Refund.objects.get(reference=waiting.entry.reference).number.rpartition("-")[2]
        held, left = RANKS[waiting.tier], RANKS[waiting.supported_tier]
        self.clerk.words.append((int(slip), held, left, word))
        self.clerk.events.append(("decided", len(self.clerk.words) - 1))

    def taken(self, act: Callable[[], object]) -> bool:
        try:
            with transaction.atomic():
                act()
        except Refusal:
            return False
        return True

    def number(self, which: int) -> str:
        return f"M{self.run}-{which}"

    def compare(self) -> None:
        stands = standings([file.pk for file in self.files])
        asked = TierReview.objects.waiting().values_list("membership__patient", flat=True)
        waiting = set(asked)
        for place, file in enumerate(self.files):
            if place in self.clerk.into:
                continue
            person, stand = self.clerk.person(place), stands[file.pk]
            level = LEVELS[person.level - 1][0] if person.level else None
            assert (stand.cumulative, stand.tier) == (person.total, level)
            assert stand.available == (person.total - person.legacy if self.spends else 0)
            assert (file.pk in waiting) is person.waits


@pytest.mark.parametrize("document", ["qujing_dental", "qujing_dental_b"])
@given(steps=steps)
@example(steps=BY_A_DETOUR)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_history_put_right_in_any_order_is_that_of_a_careful_clerk(
    document: str, steps: list[tuple[Any, ...]]
) -> None:
    with transaction.atomic():
        published(document)
        desk = Desk(spends=document.endswith("_b"))
        for step, *how in steps:
            getattr(desk, step)(*how)
            desk.compare()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert list(broken_rows()) == []
        transaction.set_rollback(True)
