"""What people at the desks do at the same moment, for the races and for their controls."""

import os
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from members.models import HouseholdPerson, Membership, Patient
from points.models import PointsAccount
from rewards.models import Issue, Use
from rewards.operations.claims import claim_services
from rewards.operations.issuing import issue_gifts
from rewards.operations.redemption import Redeemed, cancel, redeem
from rewards.operations.uses import NewUse, Piece, use_services
from rewards.rules import Key
from rewards.rules.proof import Proof
from rewards.rules.redemption import NewRedemption, Shown
from scheme.models import Item
from staff.models import Doctor, User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import member, receipt
from tests.factories.rewards import doctor, family

# Rounds about the last one of something, which two desks must never both get.
LAST_ONES = 1000 if os.environ.get("PROVE") else 30
ON_PAPER = Proof(slip_number="P0001")
BY_DOCUMENT = Shown("document", document="resident_id")
SCALING = "ultrasonic_scaling"
GIFT: Key = ("gift_100", "once:vip", 1, None)


def priced() -> Doctor:
    """Every item has a price; a doctor who treats everybody."""
    Item.objects.update(list_price=300)
    return doctor()


def vip(number: str = "") -> Membership:
    """A member since 1,000 yuan who paid 12,000 by a receipt called `number`."""
    made = member(patient(), "1000")
    receipt(made.patient, "12000", number=number)
    return made


def this_years(code: str, ordinal: int = 1, child: Patient | None = None) -> Key:
    year = str(business_day(timezone.now()).year)
    return (code, year, ordinal, child.pk if child else None)


def hand_out(whose: Membership, key: Key, by: User) -> Callable[[], list[Issue]]:
    return lambda: issue_gifts(
        membership=whose, keys=[key], proof=ON_PAPER, by=by, now=timezone.now()
    )


def use(
    whose: Membership, key: Key, by: User, treated_by: Doctor, for_whom: Patient | None = None
) -> Callable[[], list[Use]]:
    new = NewUse([Piece(key)], doctor=treated_by, proof=ON_PAPER)
    return lambda: use_services(
        membership=whose,
        beneficiary=for_whom or whose.patient,
        new=new,
        by=by,
        now=timezone.now(),
    )


def collect(whose: Membership, key: Key, by: User) -> Callable[[], object]:
    return lambda: claim_services(
        membership=whose, keys=[key], proof=ON_PAPER, by=by, now=timezone.now()
    )


def buy(whose: Membership, item: str, by: User) -> Callable[[], Redeemed]:
    new = NewRedemption(whose.number, item, 1)
    return lambda: redeem(new=new, shown=BY_DOCUMENT, by=by, now=timezone.now())


def give_up(number: str, by: User) -> Callable[[], Redeemed]:
    return lambda: cancel(number=number, reason="不做了", by=by, now=timezone.now())


def parents_of_one() -> tuple[list[Membership], Patient]:
    """Two diamond members of one household, and their child of six."""
    two = [member(patient(), "20000") for _ in range(2)]
    born = business_day(timezone.now()) - timedelta(days=6 * 366)
    small = patient(birth_date=born.isoformat())
    home = family(two[0].patient, small)
    first = home.persons.get(patient=two[0].patient)
    HouseholdPerson.objects.create(
        household=home,
        patient=two[1].patient,
        is_child=False,
        relation="配偶",
        document_seen="marriage_certificate",
        joined_at=first.joined_at,
        by=first.by,
    )
    return two, small


def left_of(whose: Membership) -> int:
    """Points that can be spent."""
    return PointsAccount.objects.get(patient=whose.patient_id).available
