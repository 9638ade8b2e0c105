"""Members with points to spend, and what they buy."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from members.models import Membership
from rewards.operations.redemption import Redeemed, cancel, redeem
from rewards.rules.redemption import BY_HIS, NewRedemption, Shown
from staff.models import User
from tests.factories import points
from tests.factories.members import patient


def spender(amount: str = "5000", file_number: str = "") -> Membership:
    """A member who paid so many yuan; with 方案B on, as many points can be spent."""
    return points.member(patient(file_number), amount)


def wish(membership: Membership, item: str = "fluoride_varnish", **given: Any) -> NewRedemption:
    return NewRedemption(
        **{"membership_number": membership.number, "item": item, "quantity": 1, **given}
    )


def bought(
    membership: Membership,
    item: str = "fluoride_varnish",
    *,
    shown: Shown = BY_HIS,
    by: User | None = None,
    now: datetime | None = None,
    **given: Any,
) -> Redeemed:
    return redeem(
        new=wish(membership, item, **given),
        shown=shown,
        by=by or User.objects.system(),
        now=now or timezone.now(),
    )


def given_back(number: str, reason: str = "会员改变主意") -> Redeemed:
    return cancel(number=number, reason=reason, by=User.objects.system(), now=timezone.now())
