"""Levels and reviews of one person with two files; and of two people again (C40)."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from members.models import Membership, Patient
from points.models import TierReached, TierReview
from points.operations.reviews import decide_review
from points.queries import standing
from points.queries.merging import merge_preview
from staff.models import Approval, User
from tests.factories.members import patient
from tests.factories.merging import merged, unmerged
from tests.factories.points import (
    corrected,
    member,
    receipt,
    refund,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_order")]


LONG_AGO = timezone.now() - timedelta(days=40)


@pytest.fixture
def one() -> Patient:
    return patient("A")


@pytest.fixture
def two() -> Patient:
    return patient("B")


def totals(*files: Patient) -> list[tuple[int, int]]:
    stands = [standing(file.pk) for file in files]
    return [(stand.cumulative, stand.available) for stand in stands]


def tier(file: Patient) -> str | None:
    return standing(file.pk).tier


def picture(*files: Patient) -> list[Any]:
    """All that counts of some files: points, visits, levels that hold, reviews that hold."""
    levels = TierReached.objects.filter(restated_by=None).order_by("rank", "pk")
    reviews = TierReview.objects.live().order_by("pk")
    told = ("tier", "path", "points", "amount", "day", "reached_on", "withdrawn_by__decision")
    return [
        (
            standing(file.pk),
            list(levels.filter(membership__patient=file).values_list(*told)),
            list(
                reviews.filter(membership__patient=file).values_list(
                    "tier", "supported_tier", "decision", "entry"
                )
            ),
        )
        for file in files
    ]


def test_the_preview_says_what_the_merge_then_does(one: Patient, two: Patient) -> None:
    member(one)
    receipt(one, "4500", at=LONG_AGO)
    receipt(two, "6000", at=LONG_AGO, number="R1")
    receipt(two, "1", number="R2")
    corrected("R2", void=True)
    preview = merge_preview(one.pk, two.pk)
    assert (preview.kept.tier, preview.tier, preview.cumulative) == ("ordinary", "vip", 11500)
    merged(one, two)
    assert (tier(one), totals(one)) == ("vip", [(11500, 0)])
    held = TierReached.objects.filter(membership__patient=one, restated_by=None)
    assert sorted(held.values_list("tier", flat=True)) == sorted(
        level.tier for level in preview.levels
    )


def test_a_member_and_somebody_who_is_none(one: Patient, two: Patient) -> None:
    membership = member(one)
    receipt(two, "4500")
    before = picture(one, two)
    merge = merged(one, two)
    assert (tier(one), standing(one.pk).membership_id) == ("senior", membership.pk)
    unmerged(merge)
    assert picture(one, two) == before


def test_both_are_members_and_the_kept_file_s_membership_goes_on(
    one: Patient, two: Patient
) -> None:
    first, second = member(one, "5000"), member(two, "5000")
    before = picture(one, two)
    merge = merged(one, two)
    assert (tier(one), tier(two)) == ("vip", None)
    assert set(Membership.objects.all()) == {first, second}, "membership is for life"
    unmerged(merge)
    assert picture(one, two) == before == picture(one, two)
    assert (tier(one), tier(two)) == ("senior", "senior")


def in_spite_of_a_merge(twice: bool) -> Callable[[Patient, Patient], None]:
    """The same days of two people, with or without a merge in between that is taken back."""

    def days(one: Patient, two: Patient) -> None:
        for file in (one, two):
            receipt(file, "12000", at=LONG_AGO, number=f"{file.file_number}1")
        merge = merged(one, two) if twice else None
        receipt(two, "1500", at=LONG_AGO + timedelta(days=1), number=f"{two.file_number}2")
        refund(f"{one.file_number}1", "9500", number=f"{one.file_number}T")
        refund(f"{two.file_number}1", "9500", number=f"{two.file_number}T")
        corrected(f"{two.file_number}2", amount=Decimal(1600))
        if merge:
            unmerged(merge)
        receipt(one, "2000", at=LONG_AGO + timedelta(days=2))

    return days


def test_taken_back_all_is_as_if_they_had_never_been_merged(scheme: object) -> None:
    outcomes = []
    for prefix, twice in (("X", True), ("Y", False)):
        files = [patient(f"{prefix}{name}") for name in "AB"]
        for file in files:
            member(file)
        in_spite_of_a_merge(twice)(files[0], files[1])
        outcomes.append(
            [
                (stand.cumulative, stand.visits, levels, [row[:3] for row in reviews])
                for stand, levels, reviews in picture(*files)
            ]
        )
    assert outcomes[0] == outcomes[1]


def test_a_review_of_the_absorbed_file_is_asked_of_the_person(one: Patient, two: Patient) -> None:
    member(one)
    member(two)
    receipt(two, "12000", at=LONG_AGO, number="B1")
    refund("B1", "12000")
    asked = TierReview.objects.waiting().get()
    merge = merged(one, two)
    review = TierReview.objects.waiting().get()
    assert (review.membership.patient, review.entry) == (one, asked.entry)
    assert Approval.objects.waiting().get() == review.approval
    unmerged(merge)
    again = TierReview.objects.waiting().get()
    assert (again.membership.patient, again.entry) == (two, asked.entry)


def test_a_decision_on_the_absorbed_file_holds_for_the_person(
    one: Patient, two: Patient, manager: User
) -> None:
    member(one)
    member(two)
    receipt(two, "12000", at=LONG_AGO, number="B1")
    refund("B1", "12000")
    decide_review(
        review_id=TierReview.objects.waiting().get().pk,
        decision=TierReview.Decision.WAIVE,
        sentence="同意",
        by=manager,
        now=timezone.now(),
    )
    before = picture(one, two)
    merge = merged(one, two)
    assert not TierReview.objects.waiting().exists()
    assert tier(one) == "ordinary"
    unmerged(merge)
    assert picture(one, two) == before
