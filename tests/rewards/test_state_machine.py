"""Years of a hospital in any order, beside a careful clerk's sheets (S2:25-61, C8-C18).

`make prove` walks thousands of steps; the books are in order after each example.
"""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from members.models import Membership
from members.operations.households import add_person
from points.models import PointsAccount, TierReview
from points.operations.enrolment import enrol
from points.operations.receipts import record_receipt
from points.operations.refunds import record_refund
from points.operations.reviews import decide_review
from points.queries import standing
from points.rules import NewReceipt, NewRefund
from rewards.models import Issue, Undoing, Use
from rewards.operations.claims import claim_services
from rewards.operations.issuing import issue_gifts
from rewards.operations.redemption import cancel, redeem
from rewards.operations.undoing import undo
from rewards.operations.uses import NewUse, Piece, use_services
from rewards.queries import entitlements_of_member
from rewards.rules import Entitlement, Key
from rewards.rules.proof import Proof
from rewards.rules.redemption import NewRedemption, Shown
from scheme.models import Item
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import enrolment
from tests.factories.rewards import doctor
from tests.factories.scheme import published
from tests.factories.staff import user
from tests.rewards.ground import in_order
from tests.rewards.sheet import PRICES, Bought, Line, Sheet

PROVE = bool(os.environ.get("PROVE"))
ON_PAPER = Proof(slip_number="P0001")
MORNING = datetime(2023, 3, 1, 1, 0, tzinfo=UTC)
LAST_DAY = date(2026, 6, 1)
CHILDS = "child_anti_caries"
YUAN = st.sampled_from([1, 999, 1000, 2000, 4999, 5000, 9000, 10000, 15000, 20000])
WHO = st.integers(0, 1)
SERVICES = ["ultrasonic_scaling", "air_polishing", "facial_care", "herbal_therapy"]
PERIODS = st.sampled_from(["year", "year", "once:senior", "once:vip"])
GIFTS = st.sampled_from(
    [("gift_10", "ordinary"), ("gift_50", "senior"), ("gift_100", "vip"), ("gift_200", "diamond")]
)


class Hospital(RuleBasedStateMachine):
    """Two members of one household with a child, and a guest; the clerk's sheets beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.by, self.manager, self.now = User.objects.system(), user("总经理"), MORNING
        self.doctor, self.guest = doctor(), patient()
        Item.objects.update(list_price=300)
        self.sheets, self.numbers = (Sheet(), Sheet()), 0
        self.child_years: set[int] = set()
        self.taken: list[tuple[int, Line, Issue | Use]] = []
        files = [patient(), patient()]
        self.members: list[Membership] = []
        for who, file in enumerate(files):
            self._pay(who, file.file_number, 1000)
            joined = enrol(
                file_number=file.file_number,
                given=enrolment(signed_on=business_day(self.now).isoformat()),
                by=self.by,
                now=self.now,
            )
            self.members.append(joined.membership)
        self.child = patient(birth_date="2019-05-05")
        for person, small in ((self.child, True), (files[1], False)):
            add_person(
                membership=self.members[0],
                patient=person,
                is_child=small,
                relation="子女" if small else "配偶",
                document_seen="birth_certificate" if small else "marriage_certificate",
                by=self.by,
                now=self.now,
            )

    def teardown(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            in_order()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    @property
    def day(self) -> date:
        return business_day(self.now)

    def _pay(self, who: int, file_number: str, yuan: int) -> None:
        self.numbers += 1
        self.now += timedelta(seconds=1)
        number = f"S{id(self)}-{self.numbers}"
        new = NewReceipt(number, file_number, Decimal(yuan), paid_at=self.now)
        record_receipt(new=new, by=self.by, now=self.now)
        self.sheets[who].pay(number, yuan, self.day.toordinal())

    def _had(self, who: int) -> tuple[Entitlement, ...]:
        return entitlements_of_member(self.members[who].pk, self.day)

    def _key(self, who: int, line: Line) -> Key:
        """A piece of the line that can be taken; the first piece where there is none."""
        some = [each for each in self._had(who) if (each.item, each.period) == line]
        ready = [each.key for each in some if each.state in ("open", "claimed")]
        return ready[0] if ready else (*line, 1, None)

    def _done(
        self, expected: bool, act: Callable[[], list[Issue] | list[Use]]
    ) -> Issue | Use | None:
        self.now += timedelta(seconds=1)
        if expected:
            return act()[0]
        with pytest.raises(Refusal), transaction.atomic():
            act()
        return None

    @rule(who=WHO, yuan=YUAN)
    def somebody_pays(self, who: int, yuan: int) -> None:
        self._pay(who, self.members[who].patient.file_number, yuan)

    @rule(who=WHO, place=st.integers(0, 9))
    def a_receipt_goes_back(self, who: int, place: int) -> None:
        paid = [number for number, (yuan, _) in self.sheets[who].paid.items() if yuan]
        if not paid:
            return
        number = paid[place % len(paid)]
        self.now += timedelta(seconds=1)
        new = NewRefund(
            f"T{number}",
            number,
            Decimal(self.sheets[who].paid[number][0]),
            refunded_at=self.now,
            reason="退",
        )
        record_refund(new=new, by=self.by, now=self.now)
        self.sheets[who].refund(number)

    @precondition(lambda self: any(sheet.asked is not None for sheet in self.sheets))
    @rule(word=st.sampled_from(["keep", "recover", "waive"]))
    def a_manager_decides(self, word: str) -> None:
        who = next(who for who in (0, 1) if self.sheets[who].asked is not None)
        self.now += timedelta(seconds=1)
        review = TierReview.objects.live().get(membership=self.members[who], decision="")
        decide_review(
            review_id=review.pk,
            decision=TierReview.Decision(word),
            sentence="同意",
            by=self.manager,
            now=self.now,
        )
        self.sheets[who].decide(word)

    @precondition(lambda self: self.day < LAST_DAY)
    @rule(days=st.sampled_from([1, 30, 150, 306]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(who=WHO, gift=GIFTS)
    def a_gift_is_handed_over(self, who: int, gift: tuple[str, str]) -> None:
        line = (gift[0], f"once:{gift[1]}")
        key = self._key(who, line)
        done = self._done(
            self.sheets[who].may_take(line, self.day.year),
            lambda: issue_gifts(
                membership=self.members[who], keys=[key], proof=ON_PAPER, by=self.by, now=self.now
            ),
        )
        self._ticked(who, line, done)

    @rule(who=WHO, item=st.sampled_from(SERVICES), period=PERIODS, away=st.booleans())
    def a_service_is_used(self, who: int, item: str, period: str, away: bool) -> None:
        line = (item, str(self.day.year) if period == "year" else period)
        expected = self.sheets[who].may_take(line, self.day.year)
        self._ticked(who, line, self._used(who, self._key(who, line), expected, away))

    def _used(self, who: int, key: Key, expected: bool, away: bool = False) -> Issue | Use | None:
        whom = self.guest if away else self.members[who].patient
        return self._done(
            expected,
            lambda: use_services(
                membership=self.members[who],
                beneficiary=self.child if key[3] else whom,
                new=NewUse([Piece(key)], doctor=self.doctor, proof=ON_PAPER),
                by=self.by,
                now=self.now,
            ),
        )

    def _ticked(self, who: int, line: Line, done: Issue | Use | None) -> None:
        if done:
            self.sheets[who].tick(line)
            self.taken.append((who, line, done))

    @rule(who=WHO)
    def the_child_is_treated(self, who: int) -> None:
        sheet, year = self.sheets[who], self.day.year
        expected = sheet.level == 4 and not sheet.held(4) and year not in self.child_years
        if self._used(who, (CHILDS, str(year), 1, self.child.pk), expected):
            self.child_years.add(year)

    @rule(who=WHO, item=st.sampled_from(SERVICES))
    def a_service_is_collected(self, who: int, item: str) -> None:
        """It stays on the sheet until it is used."""
        ready = [each.key for each in self._had(who) if (each.item, each.state) == (item, "open")]
        ready = [key for key in ready if not key[1].startswith("redemption:")]
        self.now += timedelta(seconds=1)
        if ready:
            claim_services(
                membership=self.members[who],
                keys=ready[:1],
                proof=ON_PAPER,
                by=self.by,
                now=self.now,
            )

    @precondition(lambda self: self.taken)
    @rule()
    def the_last_one_was_a_mistake(self) -> None:
        who, line, fact = self.taken.pop()
        self.now += timedelta(seconds=1)
        which = {"issue": fact} if isinstance(fact, Issue) else {"use": fact}
        undo(
            kind=Undoing.Kind.MISTAKE,
            reason="登记错了",
            by=self.by,
            now=self.now,
            **which,
        )
        self.sheets[who].tick(line, -1)

    @rule(who=WHO, item=st.sampled_from(sorted(PRICES)))
    def points_are_spent(self, who: int, item: str) -> None:
        sheet = self.sheets[who]
        self.now += timedelta(seconds=1)
        new = NewRedemption(self.members[who].number, item, 1)
        shown = Shown("document", document="resident_id")
        done = None
        with suppress(Refusal), transaction.atomic():
            done = redeem(new=new, shown=shown, by=self.by, now=self.now).redemption
        assert (done is not None) is sheet.may_buy(item)
        if done:
            sheet.available -= PRICES[item]
            sheet.bought[done.pk] = Bought(PRICES[item])

    @rule(who=WHO, place=st.integers(0, 3))
    def what_was_bought_is_given_up(self, who: int, place: int) -> None:
        sheet = self.sheets[who]
        if not sheet.bought:
            return
        pk = sorted(sheet.bought)[place % len(sheet.bought)]
        self.now += timedelta(seconds=1)
        number, open_ = f"DH{pk:08d}", not sheet.bought[pk].over
        done = None
        with suppress(Refusal), transaction.atomic():
            done = cancel(number=number, reason="不做了", by=self.by, now=self.now)
        if open_:
            assert done and not done.repeated
            sheet.available += sheet.bought.pop(pk).price
        else:
            assert done is None

    @rule(who=WHO)
    def what_was_bought_is_used(self, who: int) -> None:
        for each in self._had(who):
            if each.is_redeemed and each.state == "open" and each.kind == "service":
                assert self._used(who, each.key, True)
                self.sheets[who].bought[int(each.period.removeprefix("redemption:"))].over = True
                return

    @invariant()
    def the_clerk_agrees(self) -> None:
        for who, sheet in enumerate(self.sheets):
            membership = self.members[who]
            account = PointsAccount.objects.get(patient=membership.patient_id)
            level = standing(membership.patient_id).rank
            assert (account.cumulative, account.available) == (sheet.total(), sheet.available)
            assert level == sheet.level
            left: Counter[Line] = Counter()
            for each in self._had(who):
                if each.state in ("open", "claimed", "held") and each.item != CHILDS:
                    left[each.item, each.period] += 1
            bought = Counter(f"redemption:{pk}" for pk, one in sheet.bought.items() if not one.over)
            redeemed = Counter({period: n for (_, period), n in left.items() if ":" in period})
            assert {k: n for k, n in redeemed.items() if k.startswith("redemption:")} == bought
            own = {line: n for line, n in left.items() if not line[1].startswith("redemption:")}
            assert own == sheet.left(self.day.year)


@pytest.mark.django_db
def test_years_of_a_hospital_are_those_of_a_careful_clerk() -> None:
    published("qujing_dental_both", effective_from="2013-10-01")
    run_state_machine_as_test(
        Hospital,
        settings=settings(
            max_examples=400 if PROVE else 6,
            stateful_step_count=50 if PROVE else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
