"""Years of a hospital in any order, beside a careful clerk's sheets (S2:25-61, C8-C18).

`make prove` walks thousands of steps; the books are in order after each example.
"""

import os
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from points.models import PointsAccount, TierReview
from points.operations.refunds import record_refund
from points.operations.reviews import decide_review
from points.queries import standing
from points.rules import NewRefund
from rewards.models import Issue, Undoing
from rewards.operations.claims import claim_services
from rewards.operations.issuing import issue_gifts
from rewards.operations.redemption import cancel, redeem
from rewards.operations.undoing import undo
from rewards.rules.redemption import NewRedemption, Shown
from staff.exceptions import Refusal
from tests.factories.scheme import published
from tests.rewards.hospital import ON_PAPER, Household
from tests.rewards.sheet import PRICES, Bought, Line

PROVE = bool(os.environ.get("PROVE"))
LAST_DAY = date(2026, 6, 1)
CHILDS = "child_anti_caries"
YUAN = st.sampled_from([1, 999, 1000, 2000, 4999, 5000, 9000, 10000, 15000, 20000])
WHO = st.integers(0, 1)
SERVICES = ["ultrasonic_scaling", "air_polishing", "facial_care", "herbal_therapy"]
PERIODS = st.sampled_from(["year", "year", "once:senior", "once:vip"])
GIFTS = st.sampled_from(
    [("gift_10", "ordinary"), ("gift_50", "senior"), ("gift_100", "vip"), ("gift_200", "diamond")]
)


class Hospital(Household):
    """Whatever happens to the household, in any order."""

    @rule(who=WHO, yuan=YUAN)
    def somebody_pays(self, who: int, yuan: int) -> None:
        self.pay(who, self.members[who].patient.file_number, yuan)

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
        key = self.key(who, line)
        done = self.done(
            self.sheets[who].may_take(line, self.day.year),
            lambda: issue_gifts(
                membership=self.members[who], keys=[key], proof=ON_PAPER, by=self.by, now=self.now
            ),
        )
        self.ticked(who, line, done)

    @rule(who=WHO, item=st.sampled_from(SERVICES), period=PERIODS, away=st.booleans())
    def a_service_is_used(self, who: int, item: str, period: str, away: bool) -> None:
        line = (item, str(self.day.year) if period == "year" else period)
        expected = self.sheets[who].may_take(line, self.day.year)
        self.ticked(who, line, self.used(who, self.key(who, line), expected, away))

    @rule(who=WHO)
    def the_child_is_treated(self, who: int) -> None:
        sheet, year = self.sheets[who], self.day.year
        expected = sheet.level == 4 and not sheet.held(4) and year not in self.child_years
        if self.used(who, (CHILDS, str(year), 1, self.child.pk), expected):
            self.child_years.add(year)

    @rule(who=WHO, item=st.sampled_from(SERVICES))
    def a_service_is_collected(self, who: int, item: str) -> None:
        """It stays on the sheet until it is used."""
        ready = [each.key for each in self.had(who) if (each.item, each.state) == (item, "open")]
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
        for each in self.had(who):
            if each.is_redeemed and each.state == "open" and each.kind == "service":
                assert self.used(who, each.key, True)
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
            for each in self.had(who):
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
