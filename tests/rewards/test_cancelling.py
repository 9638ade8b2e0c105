"""Points are given back before what they bought is used (R24, C40)."""

import pytest
from django.utils import timezone

from members.models import Membership
from points.models import PointsAccount
from rewards.models import RedemptionCancel
from rewards.operations.issuing import issue_gifts
from rewards.queries import entitlements_of_member
from rewards.rules.proof import Proof
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import business_day
from tests.factories import points
from tests.factories.members import patient
from tests.factories.merging import merged, unmerged
from tests.rewards import spending
from tests.rewards.bought import bought, given_back
from tests.rewards.spending import available, said

pytestmark = pytest.mark.django_db

both_plans, rich = spending.both_plans, spending.rich


def test_r24_a_cancelled_redemption_gives_the_points_back(rich: Membership) -> None:
    number = bought(rich).redemption.number
    done = given_back(number)
    assert (done.available, done.redemption.voided, available(rich)) == (5000, True, 5000)
    found = entitlements_of_member(rich.pk, business_day(timezone.now()))
    assert not [each for each in found if each.is_redeemed]


def test_cancelling_again_only_tells_what_happened(rich: Membership) -> None:
    number = bought(rich).redemption.number
    given_back(number)
    bought(rich)
    again = given_back(number, "又一次")
    assert (again.repeated, again.available, available(rich)) == (True, 5000, 3000)
    assert RedemptionCancel.objects.get().reason == "会员改变主意"


def test_what_was_handed_over_is_not_cancelled(rich: Membership) -> None:
    done = bought(rich, "gift_10").redemption
    issue_gifts(
        membership=rich,
        keys=[("gift_10", f"redemption:{done.pk}", 1, None)],
        proof=Proof(slip_number="L-1"),
        by=User.objects.system(),
        now=timezone.now(),
    )
    with pytest.raises(Refusal) as error:
        given_back(done.number)
    assert said(error.value) == ("redemption_cancelled_before_use", 409, None)
    assert available(rich) == 4000


def test_cancelling_needs_a_reason_and_a_redemption(rich: Membership) -> None:
    with pytest.raises(Refusal, match="取消原因"):
        given_back(bought(rich).redemption.number, " ")
    with pytest.raises(Refusal, match="没有兑换单号为 DH9") as error:
        given_back("DH9")
    assert error.value.status == 404


def test_c40_what_was_bought_before_a_merge_goes_back_with_its_file(rich: Membership) -> None:
    points.receipt(other := patient("P2"), "300")
    number = bought(rich).redemption.number
    merge = merged(rich.patient, other)
    given_back(number)
    assert available(rich) == 5300
    unmerged(merge)
    assert (available(rich), PointsAccount.objects.get(pk=other.pk).available) == (5000, 300)
