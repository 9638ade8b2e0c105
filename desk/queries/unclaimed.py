"""Who has gifts to collect and services about to lapse, as one calls or meets them (R38)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.core.paginator import Page, Paginator

from members.models import Membership, Patient
from members.rules import age_on
from points.models import TierReached
from rewards.models import Deferral
from rewards.queries.lists import UNTAKEN_A_PAGE, Choice, Untaken, untaken
from scheme.models import Item
from scheme.queries import rules_on
from scheme.rules import TierRule

# Of a page number; longer ones are past the last page anyway.
_DIGITS = 6
_ALL_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class UnclaimedLine:
    """Some pieces of one item: for which child, until when, and why the member put it off."""

    item: Item
    quantity: int
    expires_on: date | None
    claimed: bool
    redeemed: bool
    child: str
    put_off: Deferral | None


@dataclass(frozen=True, slots=True)
class UnclaimedRow:
    """A member with his level and what he has not taken; the first line is the most urgent.

    `days_left` until that one lapses, today being 0; None without end.
    """

    member: Membership
    age: int | None
    tier: TierRule | None
    lines: Sequence[UnclaimedLine]
    days_left: int | None

    @property
    def expires_on(self) -> date | None:
        """The last day of what lapses first; None without end."""
        return self.lines[0].expires_on


def unclaimed_page(choice: Choice, number: str, *, today: date) -> Page[Any]:
    """One page of members; a wrong page number is the nearest."""
    written = number[:_DIGITS] if number.isascii() and number.isdecimal() else "1"
    page = max(int(written), 1)
    found = untaken(choice, day=today, page=page)
    rows: Page[Any] = Paginator(range(found.count), UNTAKEN_A_PAGE).get_page(page)
    rows.object_list = list(_told(found.rows, today))
    return rows


def everything_unclaimed(choice: Choice, *, today: date) -> Iterator[UnclaimedRow]:
    """Every member of the list, for a file."""
    return _told(untaken(choice, day=today, page=1, size=_ALL_AT_ONCE).rows, today)


def _told(found: Sequence[Untaken], today: date) -> Iterator[UnclaimedRow]:
    """The members in their order; six statements for any number of them."""
    keys = list(dict.fromkeys(row.member_id for row in found))
    members = {
        member.pk: member
        for member in Membership.objects.filter(pk__in=keys).select_related("patient")
    }
    tiers = _tiers(keys, today)
    line = _Teller(found)
    for key, rows in groupby(found, lambda row: row.member_id):
        member = members[key]
        born = member.patient.birth_date
        age = age_on(today, born) if born else None
        lines = [line.tell(row) for row in rows]
        last = lines[0].expires_on
        days_left = (last - today).days if last else None
        yield UnclaimedRow(member, age, tiers.get(key), lines, days_left)


def _tiers(members: Sequence[int], today: date) -> Mapping[int, TierRule]:
    rules = rules_on(today)
    held = TierReached.objects.filter(
        membership__in=members, withdrawn_by=None, restated_by=None
    ).order_by("rank")
    codes = dict(held.values_list("membership", "tier"))
    return {member: rules.tier(code) for member, code in codes.items()} if rules else {}


class _Teller:
    """Puts names to what was found."""

    def __init__(self, found: Sequence[Untaken]) -> None:
        self.items = Item.objects.in_bulk({row.item_id for row in found})
        self.put_off = Deferral.objects.select_related("by").in_bulk(
            _known(row.put_off_id for row in found)
        )
        children = Patient.objects.filter(pk__in=_known(row.child_id for row in found))
        self.children = dict(children.values_list("pk", "name"))

    def tell(self, row: Untaken) -> UnclaimedLine:
        return UnclaimedLine(
            item=self.items[row.item_id],
            quantity=row.quantity,
            expires_on=row.expires_on,
            claimed=row.claimed,
            redeemed=not row.tier,
            child=self.children[row.child_id] if row.child_id else "",
            put_off=self.put_off[row.put_off_id] if row.put_off_id else None,
        )


def _known(keys: Iterable[int | None]) -> set[int]:
    return {key for key in keys if key}
