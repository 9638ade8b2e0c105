"""A member to whom gifts are due, and the pages on which they are issued."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Membership
from rewards.models import Issue
from rewards.operations.issuing import issue_gifts
from rewards.rules import Key
from rewards.rules.proof import Proof
from staff.models import User
from tests.desk.words import words
from tests.factories import points
from tests.factories.members import patient
from tests.factories.staff import user

GIFT_10, GIFT_100 = "gift_10|once:ordinary|1|", "gift_100|once:vip|1|"
BOTH: list[Key] = [("gift_10", "once:ordinary", 1, None), ("gift_100", "once:vip", 1, None)]


@pytest.fixture
def vip(scheme: object) -> Membership:
    """A member who joined with 1,000 yuan and then paid 10,000."""
    file = patient("V1", name="张三丰")
    made = points.member(file, "1000")
    points.receipt(file, "10000", number="R-vip")
    return made


def member_page(client: Client, vip: Membership) -> str:
    return words(client.get(reverse("patient", args=[vip.patient_id])))


def at(name: str, vip: Membership) -> str:
    return reverse(name, args=[vip.patient_id])


def handed_over(vip: Membership, by: User | None = None) -> list[Issue]:
    return issue_gifts(
        membership=vip,
        keys=BOTH,
        proof=Proof(slip_number="L-0001"),
        by=by or user("收费"),
        now=timezone.now(),
    )
