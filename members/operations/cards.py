import secrets
from collections.abc import Iterable
from datetime import datetime

from members import rules
from members.models import Card, Membership
from staff.models import User


def make_first_cards(*, memberships: Iterable[Membership], by: User, now: datetime) -> None:
    """The electronic cards of new members, in the caller's transaction (C21)."""
    Card.objects.bulk_create(
        Card(membership=member, serial=1, number=_drawn(), made_at=now, made_by=by)
        for member in memberships
    )


def _drawn() -> str:
    """Ten digits by lot: that two cards ever draw the same is left to the unique constraint."""
    return rules.card_number(secrets.randbelow(10**10))
