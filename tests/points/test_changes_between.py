"""A change of a member's data, and an import that changes the same answer back."""

import pytest
from django.utils import timezone

from members.models import Membership
from members.operations.changes import change_details
from members.queries.changes import Was, record_of, seen_of, shown_changes
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import member

pytestmark = pytest.mark.usefixtures("committing", "in_force")


def test_each_change_shows_what_it_found_whatever_came_after() -> None:
    file = member(patient(), accepts_post=False).patient
    change_details(
        patient_id=file.pk,
        given={"accepts_post": True},
        seen=seen_of(record_of(file, Membership.objects.get())),
        document_shown="resident_id",
        by=User.objects.system(),
        now=timezone.now(),
    )
    Membership.objects.update(accepts_post=False)
    (shown,) = shown_changes(file.pk)
    assert shown.was == (Was("是否愿意接受精美杂志的邮寄投递", "否"),)
