"""Entitlements of real members: what receipts, refunds, reviews and merges lead to."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import HouseholdPerson, Membership, Patient
from points.models import TierReview
from points.operations.reviews import decide_review
from rewards.models import Claim, Use
from rewards.queries import entitlements_of, entitlements_of_member
from rewards.rules import due
from scheme.models import Item, Scheme
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.merging import merged
from tests.factories.points import confirmed, corrected, legacy, member, receipt, refund
from tests.factories.rewards import claimed, family, this_year, used
from tests.rewards.given import YEARLY, brought

pytestmark = pytest.mark.django_db

TODAY = business_day(timezone.now())
LEVELS = {"ordinary": (1000, 2000), "senior": (5000, 8000)}
LEVELS |= {"vip": (10000, 15000), "diamond": (20000, 25000)}


@pytest.fixture(autouse=True)
def prices(scheme: Scheme) -> None:
    Item.objects.update(list_price=300)


def due_of(membership: Membership) -> dict[tuple[str, str], int]:
    some = due(entitlements_of_member(membership.pk, TODAY))
    return dict(Counter((each.item, each.period) for each in some))


def states(membership: Membership, item: str) -> list[str]:
    some = entitlements_of_member(membership.pk, TODAY)
    return [each.state for each in some if each.item == item]


def paid_on_days(someone: Patient, total: int, at_most: int) -> Membership:
    """A member whose receipts reach a total, none of them on one day as much as a level asks."""
    earlier = timezone.now() - timedelta(days=30)
    while total > at_most:
        receipt(someone, str(at_most), at=earlier)
        total, earlier = total - at_most, earlier - timedelta(days=1)
    return member(someone, str(total))


@pytest.mark.parametrize("tier", LEVELS)
@pytest.mark.parametrize("by_one_payment", [True, False])
def test_at_the_boundary_exactly_what_the_level_brings_is_due(
    scheme: Scheme, tier: str, by_one_payment: bool
) -> None:
    """S2:28-44: at the threshold this level, a point below it the one before."""
    once, total = LEVELS[tier]
    lower = [code for code in LEVELS if LEVELS[code][0] < once][-1:]
    if by_one_payment:
        at = member(patient(), str(once))
        below = member(patient(), str(once - 1)) if lower else None
    else:
        at = paid_on_days(patient(), total, once - 1)
        below = paid_on_days(patient(), total - 1, once - 1) if lower else None
    assert due_of(at) == brought(tier, TODAY.year)
    if below:
        assert due_of(below) == brought(lower[0], TODAY.year)


def test_a_receipt_that_raises_the_level_adds_its_own(scheme: Scheme) -> None:
    someone = patient()
    membership = member(someone, "1000")
    receipt(someone, "12000")
    expected = brought("ordinary") | brought("vip", TODAY.year)
    assert due_of(membership) == expected
    with CaptureQueriesContext(
        connection,
    ) as asked:
        entitlements_of([membership.pk], TODAY)
    others = [member(patient(), "6000").pk for _ in range(5)]
    with CaptureQueriesContext(connection) as more:
        found = entitlements_of([membership.pk, *others], TODAY)
    assert len(found) == 6
    assert len(more) == len(asked) <= 7


def test_legacy_points_bring_services_only(scheme: Scheme) -> None:
    someone = patient()
    confirmed(legacy((someone, 20000)))
    membership = member(someone, "1")
    assert due_of(membership) == {("ultrasonic_scaling", str(TODAY.year)): 2}


@pytest.fixture
def reviewed(scheme: Scheme) -> Membership:
    """An ordinary member who rose to VIP by receipt B, of which most went back."""
    someone = patient()
    membership = member(someone, "1000")
    receipt(someone, "12000", number="B")
    refund("B", "6000")
    return membership


def word(decision: TierReview.Decision, by: User) -> None:
    review = TierReview.objects.get(decision="")
    decide_review(
        review_id=review.pk, decision=decision, sentence="同意", by=by, now=timezone.now()
    )


def test_a_refund_that_opens_a_review_holds_what_is_uncollected(reviewed: Membership) -> None:
    assert due_of(reviewed) == brought("ordinary")
    assert states(reviewed, "ultrasonic_scaling") == ["held", "held"]


def test_the_managers_word_opens_or_takes_back(reviewed: Membership, manager: User) -> None:
    with transaction.atomic():
        word(TierReview.Decision.KEEP, manager)
        assert due_of(reviewed) == brought("ordinary") | brought("vip", TODAY.year)
        transaction.set_rollback(True)
    with transaction.atomic():
        word(TierReview.Decision.WAIVE, manager)
        yearly = {(item, str(TODAY.year)): n for item, n in YEARLY["senior"].items()}
        assert due_of(reviewed) == brought("ordinary") | yearly
        transaction.set_rollback(True)
    word(TierReview.Decision.RECOVER, manager)
    assert due_of(reviewed) == brought("ordinary") | brought("senior", TODAY.year)


def test_a_corrected_receipt_takes_its_level_with_it(scheme: Scheme) -> None:
    someone = patient()
    membership = member(someone, "1000")
    receipt(someone, "12000", number="B")
    corrected("B", amount=Decimal("1200"))
    assert due_of(membership) == brought("ordinary")


def diamond(number: str = "") -> Membership:
    return member(patient(number), "20000")


def test_a_child_is_there_for_both_diamond_parents_once(scheme: Scheme) -> None:
    """C14: one per child and year in the whole hospital, whoever of the household is diamond."""
    mother, father = diamond(), diamond()
    small = patient(birth_date=f"{TODAY.year - 6}-01-01")
    home = family(mother.patient, small)
    adult = HouseholdPerson.objects.filter(patient=mother.patient).values().get()
    del adult["id"], adult["recorded_at"]
    HouseholdPerson.objects.create(**adult | {"patient_id": father.patient_id})
    assert home.persons.count() == 3
    key = this_year("child_anti_caries", child=small)
    for parent in (mother, father):
        assert states(parent, "child_anti_caries") == ["open"]
    use = used(mother, key, small)
    assert states(father, "child_anti_caries") == ["used"]
    row = Use.objects.filter(pk=use.pk).values().get()
    del row["id"], row["recorded_at"]
    with pytest.raises(IntegrityError, match="use_once_a_child"), transaction.atomic():
        Use.objects.create(**row | {"membership_id": father.pk})


def test_what_one_parent_claimed_is_not_used_or_claimed_by_the_other(scheme: Scheme) -> None:
    mother, father = diamond(), diamond()
    small = patient(birth_date=f"{TODAY.year - 6}-01-01")
    key = this_year("child_anti_caries", child=small)
    family(mother.patient, small)
    card = claimed(mother, key)
    row = Claim.objects.filter(pk=card.pk).values().get()
    del row["id"], row["recorded_at"]
    with pytest.raises(IntegrityError, match="claim_once_a_child"), transaction.atomic():
        Claim.objects.create(**row | {"membership_id": father.pk})
    used(mother, key, small)
    use = Use.objects.values().get()
    del use["id"], use["recorded_at"]
    for claim_id in (None, card.pk):
        with pytest.raises(IntegrityError, match="领取的服务卡"), transaction.atomic():
            Use.objects.create(**use | {"membership_id": father.pk, "claim_id": claim_id})


def test_what_a_merged_file_took_counts_for_the_file_that_stays(scheme: Scheme) -> None:
    """C40: a claim on the file that was merged away is used by its own card."""
    kept, gone = (member(patient(), amount) for amount in ("1000", "12000"))
    used(gone, this_year("ultrasonic_scaling"))
    card = claimed(gone, this_year("ultrasonic_scaling", 2))
    merged(kept.patient, gone.patient)
    assert states(kept, "ultrasonic_scaling") == ["used", "claimed"]
    row = Use.objects.values().get()
    del row["id"], row["recorded_at"]
    with pytest.raises(IntegrityError, match="另一份档案"), transaction.atomic():
        Use.objects.create(**row | {"membership_id": kept.pk})
    with pytest.raises(IntegrityError, match="领取的服务卡"), transaction.atomic():
        Use.objects.create(**row | {"membership_id": kept.pk, "ordinal": 2})
    Use.objects.create(**row | {"ordinal": 2, "claim_id": card.pk})
    assert states(kept, "ultrasonic_scaling") == ["used", "used"]


def test_what_came_once_is_not_due_again_on_a_merged_file(scheme: Scheme) -> None:
    kept, gone = (member(patient(), "12000") for _ in range(2))
    used(gone, ("facial_care", "once:vip", 1, None))
    merged(kept.patient, gone.patient)
    left = brought("vip", TODAY.year) | brought("diamond", TODAY.year)
    assert ("facial_care", "once:vip") not in due_of(kept)
    assert set(due_of(kept)) <= set(left)
