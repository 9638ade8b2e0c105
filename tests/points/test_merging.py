"""Two files of one person: the points of both on one account; and parted again (C40)."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import FileMerge, Patient
from members.operations.merging import withdraw_request
from points.models import PointsAccount, PointsEntry
from points.operations.merging import decide_merge, decide_undo
from points.queries import standing
from points.queries.merging import undo_preview
from scheme.queries import rules_on
from staff.exceptions import Refusal
from staff.models import User
from staff.operations.approvals import withdraw
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.merging import asked_merge, asked_undo, merged, unmerged
from tests.factories.points import (
    confirmed,
    corrected,
    legacy,
    receipt,
    refund,
    taken_back,
)
from tests.factories.scheme import draft, published_by_two
from tests.factories.staff import user
from tests.points.attacks import entry, paid
from tests.points.conftest import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stay_in_order")]


@pytest.fixture
def one() -> Patient:
    return patient("A")


@pytest.fixture
def two() -> Patient:
    return patient("B")


def totals(*files: Patient) -> list[tuple[int, int]]:
    stands = [standing(file.pk) for file in files]
    return [(stand.cumulative, stand.available) for stand in stands]


def can_join(file: Patient) -> bool:
    rules = rules_on(business_day(timezone.now()))
    assert rules
    return standing(file.pk).can_enrol(rules)


def test_receipts_of_one_day_on_both_files_are_one_visit(one: Patient, two: Patient) -> None:
    receipt(one, "600")
    receipt(two, "400")
    assert not can_join(one)
    merge = merged(one, two)
    assert (totals(one), can_join(one)) == ([(1000, 0)], True)
    assert [visit.total.points for visit in standing(one.pk).visits] == [1000]
    unmerged(merge)
    assert (totals(one, two), can_join(one)) == ([(600, 0), (400, 0)], False)


def test_both_accounts_say_what_was_handed_over(one: Patient, two: Patient) -> None:
    receipt(one, "600")
    receipt(two, "400")
    merge = merged(one, two)
    kinds = [
        list(
            PointsEntry.objects.filter(account=file.pk)
            .order_by("seq")
            .values_list("kind", "cumulative_delta", "reference")[1:]
        )
        for file in (one, two)
    ]
    assert kinds == [
        [("merge_in", 400, f"merge:{merge.pk}:in")],
        [("merge_out", -400, f"merge:{merge.pk}:out")],
    ]
    assert PointsAccount.objects.get(patient=two).closed


def test_legacy_points_go_along(one: Patient, two: Patient) -> None:
    published_by_two(draft("qujing_dental_both", legacy_counts_as_available="true"))
    waiting = legacy((two, 25_000))
    confirmed(legacy((one, 20_000)))
    merge = merged(one, two)
    confirmed(waiting)
    assert totals(one) == [(45_000, 45_000)]
    unmerged(merge)
    assert totals(one, two) == [(20_000, 20_000), (25_000, 25_000)]


def test_what_happens_meanwhile_goes_back_with_its_file(one: Patient, two: Patient) -> None:
    receipt(one, "100", number="A1")
    receipt(two, "1000.50", number="B1")
    receipt(two, "200", number="B2")
    refund("B2", "10", number="T2")
    merge = merged(one, two)
    receipt(two, "30", number="B3")
    receipt(one, "7", number="A2")
    refund("B1", "0.51", number="T1")
    taken_back("T2")
    corrected("B2", amount=Decimal(300))
    corrected("A1", file_number="B")
    assert totals(one, two) == [(999 + 300 + 100 + 30 + 7, 0), (0, 0)]
    unmerged(merge)
    assert totals(one, two) == [(7, 0), (999 + 300 + 100 + 30, 0)]
    assert receipt(two, "1", number="B4").cumulative == 1430


def test_three_files_one_after_the_other_and_back_in_order(one: Patient, two: Patient) -> None:
    three = patient("C")
    for file, amount in ((one, "100"), (two, "20"), (three, "3")):
        receipt(file, amount)
    inner = merged(two, one)
    outer = merged(three, two)
    receipt(one, "400")
    assert totals(three, two, one) == [(523, 0), (0, 0), (0, 0)]
    with pytest.raises(Refusal, match="后来并入了 C，请先撤销之后的合并"):
        asked_undo(inner)
    unmerged(outer)
    assert totals(three, two, one) == [(3, 0), (520, 0), (0, 0)]
    unmerged(inner)
    assert totals(three, two, one) == [(3, 0), (20, 0), (500, 0)]


def test_parted_they_can_be_merged_again_the_other_way(one: Patient, two: Patient) -> None:
    receipt(one, "600")
    unmerged(merged(one, two))
    merge = merged(two, one)
    assert totals(one, two) == [(0, 0), (600, 0)]
    unmerged(merge)
    assert totals(one, two) == [(600, 0), (0, 0)]


def test_an_old_receipt_comes_again_under_either_number(one: Patient, two: Patient) -> None:
    at = timezone.now()
    first = receipt(two, "400", number="B1", at=at)
    merge = merged(one, two)
    for file in (one, two):
        again = receipt(file, "400", number="B1", at=at)
        assert (again.repeated, again.cumulative) == (True, first.cumulative)
        assert again.standing.patient_id == one.pk
    unmerged(merge)
    assert receipt(two, "400", number="B1", at=at).repeated
    with pytest.raises(Refusal, match="收据号 B1 已用于"):
        receipt(one, "400", number="B1", at=at)


@pytest.mark.parametrize(
    "posted",
    [
        entry("goodwill", 0, 5, "goodwill:1", "B"),
        f"{paid('B9', file='B')}; {entry('earn', 100, 0, 'receipt:B9#1', 'B')}",
    ],
    ids=["goodwill", "receipt"],
)
def test_a_closed_account_takes_nothing(one: Patient, two: Patient, posted: str) -> None:
    receipt(two, "400")
    merged(one, two)
    with pytest.raises(IntegrityError, match="该档案已并入另一份档案"), transaction.atomic():
        run(posted)


def test_files_without_points_are_merged_too(one: Patient, two: Patient) -> None:
    merge = merged(one, two)
    receipt(two, "5")
    assert totals(one, two) == [(5, 0), (0, 0)]
    unmerged(merge)
    assert totals(one, two) == [(0, 0), (5, 0)]


def decide(merge: FileMerge, approve: bool, by: User, sentence: str = "已核对") -> FileMerge:
    write = decide_undo if merge.undo_approval_id else decide_merge
    return write(merge_id=merge.pk, approve=approve, sentence=sentence, by=by, now=timezone.now())


def test_refused_nothing_moves(one: Patient, two: Patient, manager: User) -> None:
    receipt(two, "400")
    decide(asked_merge(one, two), False, manager)
    assert totals(one, two) == [(0, 0), (400, 0)]
    merge = merged(one, two)
    decide(asked_undo(merge), False, manager)
    assert totals(one, two) == [(400, 0), (0, 0)]
    unmerged(merge)


def test_a_word_is_somebody_else_s_with_a_sentence_and_once(
    one: Patient, two: Patient, manager: User
) -> None:
    merge = asked_merge(one, two, by=manager)
    with pytest.raises(Refusal, match="申请人不能审批自己的申请"):
        decide(merge, True, manager)
    with pytest.raises(Refusal, match="请写明审批意见"):
        decide(merge, True, user(), sentence=" ")
    decide(merge, True, user())
    with pytest.raises(Refusal, match="已作出决定，不能再改"):
        decide(merge, True, user())
    with pytest.raises(Refusal, match="没有这次合并"):
        decide_merge(merge_id=0, approve=True, sentence="好", by=manager, now=timezone.now())


def test_a_request_withdrawn_is_not_decided(one: Patient, two: Patient, manager: User) -> None:
    by = user()
    merge = asked_merge(one, two, by=by)
    withdraw_request(approval_id=merge.approval_id, by=by, now=timezone.now())
    with pytest.raises(Refusal, match="这项申请已撤回"):
        decide(merge, True, manager)


def test_a_request_that_was_replaced_decides_nothing(one: Patient, two: Patient) -> None:
    merge = merged(one, two)
    first = asked_undo(merge).undo_approval
    assert first
    withdraw(approval_id=first.pk, reason="看错了", by=user(), now=timezone.now())
    asked_undo(merge)
    with pytest.raises(Refusal, match="已由后来的申请代替"):
        decide_undo(
            merge_id=merge.pk,
            approval_id=first.pk,
            approve=True,
            sentence="同意",
            by=user(),
            now=timezone.now(),
        )
    merge.refresh_from_db()
    assert merge.undone_at is None


def test_what_parting_brings_can_be_seen_before(one: Patient, two: Patient) -> None:
    receipt(one, "600")
    receipt(two, "400", number="R2")
    merge = merged(one, two)
    refund("R2", "100")
    kept, absorbed = undo_preview(merge)
    assert (kept.cumulative, absorbed.cumulative, kept.tier) == (600, 300, None)
    unmerged(merge)
    assert totals(one, two) == [(600, 0), (300, 0)]
