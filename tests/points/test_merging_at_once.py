"""Files merged and parted while others do the same or take payments, with real threads (C40)."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from members.models import FileMerge, Patient
from members.operations.merging import request_merge
from members.queries import broken_rows as broken_files
from points.models import PointsAccount
from points.operations.merging import decide_merge, decide_undo
from points.queries import broken_rows
from staff.models import User
from tests.factories.members import patient
from tests.factories.merging import asked_merge, asked_undo, merged
from tests.factories.points import enrolment, receipt
from tests.factories.staff import user
from tests.points.crowd import ROUNDS, Crowd, join, pay, refused

pytestmark = pytest.mark.usefixtures("committing", "in_force")


def asking(kept: Patient, absorbed: Patient, by: User) -> Callable[[], FileMerge]:
    return lambda: request_merge(
        kept_number=kept.file_number,
        absorbed_number=absorbed.file_number,
        reason="同一人",
        by=by,
        now=timezone.now(),
    )


def deciding(merge: FileMerge, by: User, *, approve: bool = True) -> Callable[[], FileMerge]:
    return lambda: decide_merge(
        merge_id=merge.pk, approve=approve, sentence="已核对", by=by, now=timezone.now()
    )


def parting(merge: FileMerge, by: User) -> Callable[[], FileMerge]:
    return lambda: decide_undo(
        merge_id=merge.pk, approve=True, sentence="已核对", by=by, now=timezone.now()
    )


def assert_in_order() -> None:
    assert list(broken_files()) == []
    assert list(broken_rows()) == []


def test_two_files_are_asked_for_once_whichever_is_kept(at_once: Crowd) -> None:
    by = user()
    for _ in range(ROUNDS):
        one, other = patient(), patient()
        results = at_once(*[asking(one, other, by), asking(other, one, by)] * 4)
        assert refused(results) == ["file_merge_asked_once"] * 7
    assert_in_order()


def test_a_merge_is_decided_once(at_once: Crowd) -> None:
    managers = [user() for _ in range(8)]
    for _ in range(ROUNDS):
        one, other = patient(), patient()
        receipt(one, "600"), receipt(other, "400")
        merge = asked_merge(one, other)
        results = at_once(
            *[
                deciding(merge, manager, approve=place % 2 == 0)
                for place, manager in enumerate(managers)
            ]
        )
        assert refused(results) == ["already_decided"] * 7
    assert_in_order()


def test_merges_in_a_ring_leave_one_file(at_once: Crowd) -> None:
    managers = [user() for _ in range(3)]
    for _ in range(ROUNDS):
        ring = [patient() for _ in range(3)]
        for file in ring:
            receipt(file, "100")
        merges = [asked_merge(ring[place - 1], ring[place]) for place in range(3)]
        results = at_once(*map(deciding, merges, managers))
        assert refused(results) and set(refused(results)) == {"merged_already"}
        roots = {file.root_id for file in Patient.objects.filter(pk__in=[f.pk for f in ring])}
        accounts = PointsAccount.objects.filter(pk__in=roots)
        assert sum(account.cumulative for account in accounts) == 300
    assert_in_order()


def test_payments_and_joining_go_on_while_files_are_merged_and_parted(at_once: Crowd) -> None:
    by, manager = user(), user()
    for number in range(ROUNDS):
        one, other = patient(), patient()
        receipt(one, "600"), receipt(other, "600")
        first = asked_merge(one, other)
        at_once(
            deciding(first, manager),
            pay(one, f"{number}-1", "100", by),
            pay(other, f"{number}-2", "100", by),
            join(one, enrolment(), by),
        )
        second = asked_undo(FileMerge.objects.get(pk=first.pk))
        at_once(
            parting(second, manager),
            pay(one, f"{number}-3", "50", by),
            pay(other, f"{number}-4", "50", by),
        )
        accounts = PointsAccount.objects.filter(pk__in=(one.pk, other.pk))
        assert [account.cumulative for account in accounts] == [750, 750]
    assert_in_order()


def test_a_file_is_not_parted_and_merged_on_at_once(at_once: Crowd) -> None:
    managers = [user() for _ in range(2)]
    for _ in range(ROUNDS):
        one, other, third = patient(), patient(), patient()
        receipt(other, "100")
        undo = asked_undo(merged(one, other))
        onward = asked_merge(third, one)
        results = at_once(parting(undo, managers[0]), deciding(onward, managers[1]))
        assert refused(results) in ([], ["undo_later_first"])
    assert_in_order()
