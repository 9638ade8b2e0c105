"""Points are spent on the catalogue (R20-R25, C3, C4, C11)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Card, Membership
from points.models import PointsEntry
from rewards.models import Redemption
from rewards.operations.issuing import issue_gifts
from rewards.queries import entitlements_of_member
from rewards.rules.proof import Proof
from rewards.rules.redemption import Shown
from scheme.models import Scheme
from scheme.operations.loading import load_scheme
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import business_day
from tests.factories import points
from tests.factories.scheme import BEFORE_2026, document, draft, published_by_two
from tests.rewards import spending
from tests.rewards.bought import bought, given_back, spender
from tests.rewards.spending import available, said

pytestmark = pytest.mark.django_db

both_plans, rich = spending.both_plans, spending.rich


def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


def from_tomorrow(name: str = "qujing_dental_both", **replaced: str) -> Scheme:
    """Another version comes into force tomorrow."""
    day = business_day(tomorrow()).isoformat()
    return published_by_two(draft(name, effective_from=day, **replaced))


def refused(membership: Membership, item: str = "fluoride_varnish", **given: Any) -> Refusal:
    with pytest.raises(Refusal) as error:
        bought(membership, item, **given)
    return error.value


def test_r23_an_item_costs_what_the_catalogue_says(rich: Membership) -> None:
    done = bought(rich)
    assert (done.redemption.points, done.available, available(rich)) == (2000, 3000, 3000)
    entry = PointsEntry.objects.get(reference=done.redemption.reference)
    assert (entry.kind, entry.available_delta, entry.cumulative_delta) == ("redeem", -2000, 0)


def test_r23_sealants_are_paid_by_the_tooth(rich: Membership) -> None:
    done = bought(rich, "fissure_sealant", quantity=2, teeth=("16", "75"))
    assert (done.redemption.points, done.redemption.teeth) == (4000, ["16", "75"])


def test_which_teeth_may_be_left_open_until_they_are_treated(rich: Membership) -> None:
    assert bought(rich, "fissure_sealant", quantity=2).redemption.teeth == []


def test_what_was_bought_is_open_and_not_due(rich: Membership) -> None:
    pk = bought(rich, quantity=2).redemption.pk
    found = entitlements_of_member(rich.pk, business_day(timezone.now()))
    own = [each for each in found if each.period == f"redemption:{pk}"]
    assert [(each.ordinal, each.state, each.is_due) for each in own] == [
        (1, "open", False),
        (2, "open", False),
    ]


def test_r24_nothing_limits_how_often(rich: Membership) -> None:
    assert [bought(rich).available, bought(rich).available] == [3000, 1000]


def test_all_points_may_be_spent_to_the_last(rich: Membership) -> None:
    points.receipt(rich.patient, "1000")
    assert bought(rich, quantity=3).available == 0


def test_too_few_points_say_how_many_are_missing(rich: Membership) -> None:
    refusal = refused(rich, quantity=3)
    assert said(refusal) == ("too_few_points", 409, "quantity")
    assert refusal.message == "需要 6,000 分，可用积分 5,000 分，还差 1,000 分"
    assert refusal.extra == {"available_points": 5000, "missing_points": 1000}


def test_a_debt_blocks_until_it_is_made_good(rich: Membership) -> None:
    number = points.receipt(rich.patient, "1000").receipt_number
    bought(rich, quantity=3)
    points.refund(number, "500")
    points.receipt(rich.patient, "499")
    assert said(refused(rich, "gift_10")) == ("points_in_debt", 409, "item")
    points.receipt(rich.patient, "1001")
    assert bought(rich, "gift_10").available == 0


def test_r20_points_are_locked_below_the_threshold() -> None:
    someone = spender("1000")
    points.refund(points.receipt(someone.patient, "900").receipt_number, "900")
    enough = spender("1000")
    assert bought(enough, "gift_10").available == 0
    from_tomorrow(redemption_one_time="1001", redemption_cumulative="1901")
    refusal = refused(someone, "gift_10", now=tomorrow())
    assert said(refusal) == ("redemption_locked", 409, "item")
    assert "一次性消费满 1,001 分或累计满 1,901 分" in refusal.message


def test_without_plan_b_nothing_is_for_sale(rich: Membership) -> None:
    from_tomorrow("qujing_dental")
    assert bought(rich).available == 3000
    assert said(refused(rich, now=tomorrow())) == ("redemption_closed", 409, "item")


def test_what_the_version_does_not_sell_is_refused(rich: Membership) -> None:
    assert said(refused(rich, "child_anti_caries")) == ("not_for_sale", 409, "item")


def test_an_unknown_item_is_refused(rich: Membership) -> None:
    assert said(refused(rich, "gold_tooth")) == ("unknown_item", 422, "item")


def test_an_unknown_member_is_refused(rich: Membership) -> None:
    refusal = refused(rich, membership_number="M999")
    assert said(refusal) == ("unknown_membership", 404, "membership_number")


def test_an_unknown_beneficiary_is_refused(rich: Membership) -> None:
    refusal = refused(rich, beneficiary_file_number="nobody")
    assert said(refusal) == ("unknown_patient", 404, "beneficiary_file_number")


def test_teeth_are_as_many_as_pieces(rich: Membership) -> None:
    refusal = refused(rich, "fissure_sealant", quantity=2, teeth=("16",))
    assert said(refusal) == ("teeth_not_as_many", 422, "teeth")


def test_what_is_not_sold_by_the_tooth_takes_none(rich: Membership) -> None:
    assert said(refused(rich, teeth=("16",))) == ("no_teeth_wanted", 422, "teeth")


def test_a_refused_wish_leaves_nothing_behind(rich: Membership) -> None:
    refused(rich, quantity=3, idempotency_key="K1")
    assert not Redemption.objects.exists()
    assert bought(rich, idempotency_key="K1").repeated is False


def test_the_same_wish_again_only_tells_what_happened(rich: Membership) -> None:
    first = bought(rich, idempotency_key="K1")
    bought(rich)
    again = bought(rich, idempotency_key="K1")
    assert again.repeated and again.redemption.pk == first.redemption.pk
    assert (again.available, available(rich)) == (3000, 1000)


def test_a_key_stands_for_one_wish_alone(rich: Membership) -> None:
    bought(rich, idempotency_key="K1")
    for other in ({"quantity": 2}, {"item": "gift_10"}, {"beneficiary_file_number": "P1"}):
        refusal = refused(rich, idempotency_key="K1", **other)
        assert said(refusal) == ("redemption_differs", 409, "idempotency_key")
    assert refused(spender("5000"), idempotency_key="K1").code == "redemption_differs"


def test_an_old_redemption_keeps_the_old_price(rich: Membership) -> None:
    old = bought(rich, idempotency_key="K1").redemption
    day = business_day(tomorrow()).isoformat()
    raised = document("qujing_dental_both", effective_from=f"{day}").replace(
        "points = 2000 ", "points = 2500 "
    )
    new = published_by_two(
        load_scheme(document=raised, by=User.objects.system(), now=BEFORE_2026).scheme
    )
    again = bought(rich, idempotency_key="K1", now=tomorrow())
    dearer = bought(rich, now=tomorrow())
    assert (again.redemption.points, again.redemption.scheme_id) == (2000, old.scheme_id)
    assert (dearer.redemption.points, dearer.redemption.scheme_id) == (2500, new.pk)
    assert (given_back(old.number).available, old.points) == (2500, 2000)


def test_c11_a_redeemed_service_lasts_as_long_as_the_scheme_says(rich: Membership) -> None:
    assert bought(rich).redemption.expires_on is None
    from_tomorrow(redeemed_valid_months="6")
    until = bought(rich, now=tomorrow()).redemption.expires_on
    assert until and 180 < (until - business_day(tomorrow())).days < 185


def test_r25_the_members_card_is_scanned(rich: Membership) -> None:
    card = Card.objects.get(membership=rich)
    done = bought(rich, shown=Shown("card", card_number=card.number))
    assert (done.redemption.proof, done.redemption.card) == ("card", card)


def test_another_members_card_is_refused(rich: Membership) -> None:
    other = Card.objects.get(membership=spender("1000"))
    refusal = refused(rich, shown=Shown("card", card_number=other.number))
    assert said(refusal) == ("card_not_members", 409, "card_number")


def test_a_document_takes_the_cards_place(rich: Membership) -> None:
    done = bought(rich, shown=Shown("document", document="resident_id"))
    assert done.redemption.document_shown == "resident_id"


def test_gifts_are_handed_over_one_by_one(rich: Membership) -> None:
    period = f"redemption:{bought(rich, 'gift_10', quantity=2).redemption.pk}"
    issued = issue_gifts(
        membership=rich,
        keys=[("gift_10", period, ordinal, None) for ordinal in (1, 2)],
        proof=Proof(slip_number="L-1"),
        by=User.objects.system(),
        now=timezone.now(),
    )
    assert [(row.period, row.ordinal) for row in issued] == [(period, 1), (period, 2)]


def test_a_redemption_costs_a_bounded_number_of_statements(rich: Membership) -> None:
    for _ in range(2):
        with CaptureQueriesContext(connection) as few:
            bought(rich, "gift_10")
    for _ in range(20):
        points.receipt(rich.patient, "10")
    with CaptureQueriesContext(connection) as many:
        bought(rich, "gift_10")
    assert len(many) == len(few) <= 16
