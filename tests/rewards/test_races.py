"""Many desks at once about one thing, with real threads and connections: exactly one wins.

`make prove` runs a thousand rounds of each race; what breaks without its guards is in
`test_race_controls`.
"""

from collections.abc import Callable

import pytest

from points.models import TierReview
from points.queries import broken_rows as broken_points
from rewards.models import Claim, Issue, Redemption, Use
from rewards.queries import broken_rows
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import member, receipt
from tests.factories.scheme import published
from tests.points.crowd import ROUNDS, THREADS, Crowd, give_back, refused
from tests.rewards.crowd import (
    GIFT,
    LAST_ONES,
    SCALING,
    buy,
    collect,
    give_up,
    hand_out,
    left_of,
    parents_of_one,
    priced,
    this_years,
    use,
    vip,
)

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def by(committing: None) -> User:
    """Who does it all, with both plans in force and every item priced."""
    system = User.objects.system()
    published("qujing_dental_both", effective_from="2013-10-01")
    return system


def in_order() -> None:
    said = [*broken_rows(), *broken_points()]
    assert said == []


def test_one_gift_is_handed_over_once(at_once: Crowd, by: User) -> None:
    for _ in range(LAST_ONES):
        whose = vip()
        outcomes = at_once(*[hand_out(whose, GIFT, by)] * THREADS)
        assert refused(outcomes) == ["entitlement_taken"] * (THREADS - 1)
    assert Issue.objects.count() == LAST_ONES
    in_order()


def test_the_last_service_of_the_year_is_used_once(at_once: Crowd, by: User) -> None:
    treated_by = priced()
    for _ in range(ROUNDS):
        whose = vip()
        use(whose, this_years(SCALING), by, treated_by)()
        last = this_years(SCALING, 2)
        guests = [whose.patient, *(patient() for _ in range(THREADS - 1))]
        outcomes = at_once(*(use(whose, last, by, treated_by, guest) for guest in guests))
        assert refused(outcomes) == ["entitlement_taken"] * (THREADS - 1)
    assert Use.objects.count() == 2 * ROUNDS
    in_order()


def test_the_last_points_are_spent_once(at_once: Crowd, by: User) -> None:
    for _ in range(LAST_ONES):
        whose = member(patient(), "5000")
        outcomes = at_once(*[buy(whose, "facial_care", by)] * THREADS)
        assert refused(outcomes) == ["too_few_points"] * (THREADS - 1)
        assert left_of(whose) == 2000
    assert Redemption.objects.count() == LAST_ONES
    in_order()


def test_two_diamond_parents_use_their_childs_item_once(at_once: Crowd, by: User) -> None:
    treated_by = priced()
    for _ in range(LAST_ONES):
        parents, child = parents_of_one()
        key = this_years("child_anti_caries", child=child)
        calls = [use(parent, key, by, treated_by, child) for parent in parents * (THREADS // 2)]
        outcomes = at_once(*calls)
        assert len(refused(outcomes)) == THREADS - 1
        assert set(refused(outcomes)) <= {"entitlement_taken", "use_once_a_child"}
        assert Use.objects.filter(child=child).count() == 1
    in_order()


def test_one_parent_collects_while_the_other_uses_and_one_of_them_wins(
    at_once: Crowd, by: User
) -> None:
    treated_by = priced()
    for _ in range(ROUNDS):
        (one, other), child = parents_of_one()
        key = this_years("child_anti_caries", child=child)
        calls: list[Callable[[], object]] = [
            collect(one, key, by),
            use(other, key, by, treated_by, child),
        ]
        assert len(refused(at_once(*calls))) == 1
        taken = Use.objects.filter(child=child).count() + Claim.objects.filter(child=child).count()
        assert taken == 1
    in_order()


def test_a_service_is_collected_once_or_used_without_a_card(at_once: Crowd, by: User) -> None:
    treated_by = priced()
    for _ in range(ROUNDS):
        whose = vip()
        key = this_years(SCALING)
        calls: list[Callable[[], object]] = [
            *[collect(whose, key, by)] * 4,
            *[use(whose, key, by, treated_by)] * 4,
        ]
        at_once(*calls)
        claims = Claim.objects.filter(membership=whose)
        uses = Use.objects.filter(membership=whose)
        assert (claims.count(), uses.count()) in {(0, 1), (1, 0), (1, 1)}
        assert not claims or all(use.claim_id for use in uses)
    in_order()


def test_a_gift_goes_out_before_the_review_or_is_held(at_once: Crowd, by: User) -> None:
    for number in range(ROUNDS):
        whose = vip(f"R{number}")
        calls: list[Callable[[], object]] = [
            give_back(f"T{number}", f"R{number}", "12000", by),
            hand_out(whose, GIFT, by),
        ]
        outcomes = at_once(*calls)
        assert set(refused(outcomes)) <= {"entitlement_held"}
        assert TierReview.objects.filter(membership=whose, decision="").count() == 1
        issued = Issue.objects.filter(membership=whose).count()
        assert issued + len(refused(outcomes)) == 1
    in_order()


def test_what_was_bought_is_given_up_or_used(at_once: Crowd, by: User) -> None:
    treated_by = priced()
    for number in range(ROUNDS):
        whose = member(patient(), "5000")
        receipt(whose.patient, "1000", number=f"R{number}")
        bought = buy(whose, "facial_care", by)().redemption
        key = ("facial_care", f"redemption:{bought.pk}", 1, None)
        calls: list[Callable[[], object]] = [
            *[give_up(bought.number, by)] * 4,
            *[use(whose, key, by, treated_by)] * 4,
        ]
        at_once(*calls)
        bought.refresh_from_db()
        used = Use.objects.filter(membership=whose).count()
        assert used == (0 if bought.voided else 1)
        assert left_of(whose) == (6000 if bought.voided else 3000)
    in_order()
