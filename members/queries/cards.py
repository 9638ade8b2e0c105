"""Cards as the desk asks for them."""

from collections.abc import Sequence

from django.db.models import Q

from members.models import Card

_PEOPLE = ("membership", "made_by", "given_by", "stopped_by")


def cards_of(root_id: int) -> Sequence[Card]:
    """All cards of a person, the newest first, with those of merged files (C40)."""
    own = Q(membership__patient=root_id) | Q(membership__patient__merged_into=root_id)
    return list(Card.objects.filter(own).select_related(*_PEOPLE).order_by("-made_at", "-pk"))


def live_card(membership_id: int) -> Card:
    """The card that a member uses now."""
    return Card.objects.live().get(membership=membership_id)
