"""The races of merging with their locks left out: if nothing breaks, the races prove nothing."""

from collections.abc import Iterator
from functools import partial

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from members.models import FileMerge
from members.operations import merging
from members.operations.merging import link
from members.queries import broken_rows
from staff.refusals import operation
from tests.cleaning import delete_everything
from tests.factories.members import patient
from tests.factories.merging import asked_merge, decided
from tests.factories.staff import user
from tests.points.crowd import Crowd
from tests.points.test_merging_at_once import asking
from tests.points.test_race_controls import changed

pytestmark = pytest.mark.usefixtures("committing", "in_force")

LOCK = """
    PERFORM FROM members_patient WHERE id IN (NEW.kept_id, NEW.absorbed_id)
      ORDER BY id FOR UPDATE;"""


@pytest.fixture
def files_unlocked(committing: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are looked at, not held, by application and database; neither is in haste."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    monkeypatch.setattr(merging, "_one_at_a_time", lambda: None)
    with (
        changed(
            "members_filemerge_asked",
            lambda shipped: shipped.replace(LOCK, "").replace(
                "    RETURN NEW;", "    PERFORM pg_sleep(0.3); RETURN NEW;"
            ),
        ),
        changed(
            "members_filemerge_guard",
            lambda shipped: shipped.replace("IF merged OR undone THEN", "IF false THEN").replace(
                "    RETURN NEW;", "    PERFORM pg_sleep(0.3); RETURN NEW;"
            ),
        ),
        changed(
            "members_files_follow_merges",
            lambda shipped: shipped.replace("IF EXISTS (", "IF false AND EXISTS ("),
        ),
    ):
        yield
        delete_everything()


def test_without_the_lock_the_same_two_files_are_asked_for_twice(
    files_unlocked: None, at_once: Crowd
) -> None:
    one, other, by = patient(), patient(), user()
    at_once(asking(one, other, by), asking(other, one, by))
    assert FileMerge.objects.waiting().count() == 2, "no race: these tests are void"


def test_without_the_lock_files_point_at_merged_ones_and_are_named(
    files_unlocked: None, at_once: Crowd
) -> None:
    # Now and then both come out as if one had waited for the other.
    assert any(named_after_a_race(at_once) for _ in range(20)), "no race: these tests are void"


def named_after_a_race(at_once: Crowd) -> bool:
    first, second, third = patient(), patient(), patient()
    merges = [asked_merge(second, first), asked_merge(third, second)]
    for merge in merges:
        decided(merge.approval_id)
    at_once(*(partial(operation(link), merge=merge, now=timezone.now()) for merge in merges))
    return any("并入的档案与批准的合并不符" in sentence for sentence in broken_rows())
