"""Households as the desk asks for them, and whether what is stored of them agrees."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from members.models import HouseholdPerson


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """Who belongs to a person's household: adults before children; `left` have been in it."""

    live: Sequence[HouseholdPerson] = ()
    left: Sequence[HouseholdPerson] = ()

    @property
    def children(self) -> list[HouseholdPerson]:
        """The children who belong to it now."""
        return [person for person in self.live if person.is_child]


def household_of(root_id: int) -> HouseholdView:
    """The household of a person, files that were merged into it included (C40); one statement.

    Whoever has left it sees none of it any more.
    """
    own = HouseholdPerson.objects.live().filter(_of(root_id)).values("household")
    rows = HouseholdPerson.objects.filter(household__in=own).select_related(
        "patient__merged_into", "by", "left_by"
    )
    found = list(rows.order_by("is_child", "joined_at", "pk"))
    return HouseholdView(
        live=[row for row in found if row.left_at is None],
        left=[row for row in found if row.left_at is not None],
    )


def live_place_of(root_id: int) -> HouseholdPerson | None:
    """The row by which a person is in a household now."""
    rows = HouseholdPerson.objects.live().filter(_of(root_id)).select_related("household")
    return rows.order_by("pk").first()


def _of(root_id: int) -> Q:
    return Q(patient=root_id) | Q(patient__merged_into=root_id)
