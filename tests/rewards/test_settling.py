"""After a service was used: the slip, once, with no points."""

import pytest
from django.utils import timezone

from members.models import Membership, Patient
from points.models import PointsEntry
from rewards.models import Settlement, Undoing, Use
from rewards.operations.settling import settle
from rewards.operations.undoing import undo
from rewards.queries.uses import waiting_uses, waiting_uses_of
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.merging import merged
from tests.factories.points import member
from tests.factories.rewards import priced, this_year, used

pytestmark = pytest.mark.django_db

SCALING = "ultrasonic_scaling"


@pytest.fixture
def vip(scheme: object) -> Membership:
    priced(SCALING)
    return member(patient("V1"), "12000")


def settled(person: Patient, *uses: Use) -> Settlement:
    return settle(
        patient=person,
        use_ids=[use.pk for use in uses],
        by=User.objects.system(),
        now=timezone.now(),
    )


def taken_back(use: Use) -> Undoing:
    return undo(
        use=use,
        kind=Undoing.Kind.MISTAKE,
        reason="点错了",
        by=User.objects.system(),
        now=timezone.now(),
    )


def refused(person: Patient, *uses: Use) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        settled(person, *uses)
    return refusal.value


def test_what_was_used_waits_for_the_cashier_and_goes_on_one_slip(vip: Membership) -> None:
    uses = [used(vip, this_year(SCALING, nth)) for nth in (1, 2)]
    assert set(waiting_uses()) == set(uses)
    entries = PointsEntry.objects.count()
    slip = settled(vip.patient, *uses)
    assert set(slip.uses.all()) == set(uses)
    assert slip.number == f"JS{slip.pk:08d}"
    assert not waiting_uses().exists()
    assert PointsEntry.objects.count() == entries


def test_a_guest_has_a_slip_of_their_own(vip: Membership) -> None:
    friend = patient("F1")
    mine, theirs = used(vip, this_year(SCALING)), used(vip, this_year(SCALING, 2), friend)
    assert refused(vip.patient, mine, theirs).code == "not_to_settle"
    assert list(settled(friend, theirs).uses.all()) == [theirs]
    assert list(waiting_uses_of(vip.patient_id)) == [mine]


def test_what_a_merged_file_used_is_settled_with_the_file_that_is_left(vip: Membership) -> None:
    friend, double = patient("F1"), patient("F2")
    theirs = used(vip, this_year(SCALING), double)
    merged(friend, double)
    assert list(settled(friend, theirs).uses.all()) == [theirs]


def test_nothing_is_settled_twice(vip: Membership) -> None:
    use = used(vip, this_year(SCALING))
    slip = settled(vip.patient, use)
    again = refused(vip.patient, use)
    assert (again.code, again.extra) == ("already_settled", {"settlement": slip.pk})


def test_what_was_undone_is_not_settled(vip: Membership) -> None:
    use = used(vip, this_year(SCALING))
    taken_back(use)
    assert refused(vip.patient, use).code == "not_to_settle"
    assert refused(vip.patient).code == "nothing_to_settle"


def test_a_settled_use_is_undone_with_a_reason_and_is_free_again(vip: Membership) -> None:
    use = used(vip, this_year(SCALING))
    slip = settled(vip.patient, use)
    taken_back(use)
    use.refresh_from_db()
    assert (use.voided, use.settlement) == (True, slip)
    assert used(vip, this_year(SCALING)).pk != use.pk
