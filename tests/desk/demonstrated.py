"""What the demonstration shows of gifts, services and points: one of each kind."""

from itertools import chain

from django.utils import timezone

from members.models import HouseholdPerson, Membership
from rewards.models import (
    Claim,
    Deferral,
    GiftChange,
    Issue,
    Redemption,
    Simulation,
    Undoing,
    Use,
)
from rewards.queries import entitlements_of
from rewards.queries.lists import Choice, untaken
from tests.rewards.test_lists import assert_as_the_rules_say


def r38_gifts_wait_were_handed_over_put_off_undone_and_asked_for_in_exchange() -> None:
    assert untaken(Choice("gift"), day=timezone.localdate(), page=1).count > 10
    assert Issue.objects.filter(imported_in__isnull=False).count() > 20
    assert Issue.objects.filter(imported_in=None, voided=False).exists()
    assert Undoing.objects.get().issue and Deferral.objects.exists()
    assert GiftChange.objects.get().approval.decided_at is None


def services_were_used_lapsed_collected_and_given_to_a_new_patient() -> None:
    guest = Use.objects.get(kind="transfer")
    assert guest.fee_waived and guest.as_vip and guest.settlement is None
    assert Use.objects.filter(kind="own", settlement__isnull=False, imported_in=None).exists()
    assert Use.objects.get(kind="child").beneficiary_id in HouseholdPerson.objects.filter(
        is_child=True
    ).values_list("patient", flat=True)
    assert Claim.objects.exists()
    members = Membership.objects.filter(patient__merged_into=None).values_list("pk", flat=True)
    found = entitlements_of(list(members), timezone.localdate())
    assert any(each.state == "lapsed" for each in chain.from_iterable(found.values()))


def c3_points_were_spent_and_one_redemption_was_taken_back() -> None:
    assert set(Redemption.objects.values_list("voided", flat=True)) == {True, False}


def r65_a_draft_waits_with_its_simulation() -> None:
    simulation = Simulation.objects.get()
    assert simulation.result and simulation.draft.published_at is None
    assert simulation.done == Membership.objects.filter(patient__merged_into=None).count()


def the_list_of_what_is_open_is_what_the_rules_say() -> None:
    assert_as_the_rules_say(timezone.localdate())


LOOKS = (
    r38_gifts_wait_were_handed_over_put_off_undone_and_asked_for_in_exchange,
    services_were_used_lapsed_collected_and_given_to_a_new_patient,
    c3_points_were_spent_and_one_redemption_was_taken_back,
    r65_a_draft_waits_with_its_simulation,
    the_list_of_what_is_open_is_what_the_rules_say,
)
