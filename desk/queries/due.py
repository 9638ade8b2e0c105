"""What a member is to be handed now, and what else is due: the band at the till (R38, R66)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from desk.queries.positions import Position
from members.models import Membership
from rewards.models import Deferral, Issue
from rewards.queries import entitlements_of_member
from rewards.queries.issuing import Change, items_of, latest_changes, latest_deferrals, to_recover
from rewards.rules import Entitlement, due
from scheme.models import Item
from scheme.rules import Rules
from staff.rules import business_day


@dataclass(frozen=True, slots=True)
class Gift:
    """One gift to hand over: `of` is the level that brings it, or that points bought it."""

    entitlement: Entitlement
    item: Item
    of: str
    change: Change | None = None
    deferral: Deferral | None = None

    @property
    def given(self) -> Item:
        """What is handed over: another gift only with a manager's word."""
        return self.change.row.other_item if self.change and self.change.is_agreed else self.item

    @property
    def change_id(self) -> int | None:
        """The agreed exchange behind `given`."""
        return self.change.row.pk if self.change and self.change.is_agreed else None

    @property
    def value(self) -> str:
        """How a form names it, with the exchange that was on the page."""
        code, period, ordinal, _ = self.entitlement.key
        return f"{code}|{period}|{ordinal}|{self.change_id or ''}"

    def is_put_off_on(self, day: date) -> bool:
        """Whether the member said on this day that he doesn't take it."""
        return self.deferral is not None and business_day(self.deferral.put_off_at) == day


@dataclass(frozen=True, slots=True)
class Line:
    """Several of one thing, told once; `until` is their last day, None without end."""

    item: Item
    count: int
    until: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A gift handed over today, which a mistake can take back at once."""

    issue_id: int
    item: Item


@dataclass(frozen=True, slots=True)
class Due:
    """What a member has open: `gifts` to hand over, `services` to be used, `held` with the reason.

    `recover`: gifts that went with a level and are to be returned (C18); `issued`: those of today.
    """

    day: date
    gifts: tuple[Gift, ...] = ()
    services: tuple[Line, ...] = ()
    held: tuple[Line, ...] = ()
    recover: Sequence[Issue] = ()
    issued: tuple[Issued, ...] = ()

    @property
    def to_hand_out(self) -> tuple[Gift, ...]:
        """The gifts that were not put off today."""
        return tuple(gift for gift in self.gifts if not gift.is_put_off_on(self.day))

    @property
    def is_urgent(self) -> bool:
        """Whether something is to be handed over now."""
        return bool(self.to_hand_out)

    @property
    def given(self) -> tuple[Line, ...]:
        """What to hand over now, several of one thing told once."""
        return _told((gift.given, None, "") for gift in self.to_hand_out)

    @property
    def levels(self) -> str:
        """The levels that bring it."""
        return "、".join(dict.fromkeys(gift.of for gift in self.to_hand_out))

    @property
    def put_off(self) -> Sequence[Deferral]:
        """What was said today, each sentence once."""
        said = [gift.deferral for gift in self.gifts if gift.is_put_off_on(self.day)]
        return _each_sentence_once(said)

    @property
    def put_off_before(self) -> Sequence[Deferral]:
        """What was said on an earlier day about what is still to be handed over."""
        return _each_sentence_once(gift.deferral for gift in self.to_hand_out)

    @property
    def agreed(self) -> tuple[Gift, ...]:
        """Gifts in place of which another one was agreed."""
        return tuple(gift for gift in self.gifts if gift.change_id)

    @property
    def asked(self) -> tuple[Change, ...]:
        """Requests for another gift that wait for a manager, or were refused."""
        changes = (gift.change for gift in self.gifts if gift.change)
        return tuple(change for change in changes if change.is_waiting or change.is_refused)

    @property
    def waiting(self) -> tuple[Line, ...]:
        """What stays to be handed over another day."""
        gifts = (gift for gift in self.gifts if gift.is_put_off_on(self.day))
        return _told((gift.given, None, "") for gift in gifts)

    @property
    def has_calm(self) -> bool:
        """Whether something is worth a quiet line."""
        return any((self.put_off, self.asked, self.services, self.held, self.issued))


def entitlements_at(place: Position, *, today: date) -> tuple[Entitlement, ...]:
    """All that the member who stands here has or had; nothing for others."""
    if place.stand.membership_id is None:
        return ()
    return entitlements_of_member(place.stand.membership_id, today)


def due_at(place: Position, *, today: date) -> Due:
    """What the member who stands here is due."""
    return due_of(place, entitlements_at(place, today=today), today=today)


def due_of(place: Position, found: Sequence[Entitlement], *, today: date) -> Due:
    """What the member who stands here is due; `found` is all that he has or had."""
    membership_id = place.stand.membership_id
    if membership_id is None:
        return Due(today)
    items = items_of({each.item for each in found if _is_told(each, today)})
    recover = to_recover(membership_id, found)
    going_back = {issue.pk for issue in recover}
    return Due(
        day=today,
        gifts=_gifts(membership_id, found, items, place.rules),
        services=_told((items[each.item], each.expires_on, "") for each in _services(found)),
        held=_told((items[each.item], None, each.reason) for each in found if each.state == "held"),
        recover=recover,
        issued=tuple(
            Issued(each.taken.fact_id, items[each.item])
            for each in found
            if each.taken and _is_issued_on(each, today) and each.taken.fact_id not in going_back
        ),
    )


def _gifts(
    membership_id: int,
    found: Iterable[Entitlement],
    items: Mapping[str, Item],
    rules: Rules | None,
) -> tuple[Gift, ...]:
    gifts = [each for each in found if _is_open_gift(each)]
    if not gifts:
        return ()
    changes, deferrals = latest_changes(membership_id), latest_deferrals(membership_id)
    return tuple(
        Gift(
            entitlement=each,
            item=items[each.item],
            of=_brought_by(each, rules),
            change=changes.get(each.key[:3]),
            deferral=deferrals.get((each.item, each.period)),
        )
        for each in gifts
    )


def _brought_by(each: Entitlement, rules: Rules | None) -> str:
    if each.is_redeemed or rules is None:
        return "积分兑换"
    return rules.tier(each.tier).name


def _is_told(each: Entitlement, today: date) -> bool:
    is_open = each.state in ("open", "claimed", "held")
    return is_open or _is_issued_on(each, today)


def _is_open_gift(each: Entitlement) -> bool:
    return each.kind == "gift" and each.state == "open"


def _services(found: Sequence[Entitlement]) -> list[Entitlement]:
    """Services to be used, of a household's children once where they have it together."""
    bought = [each for each in found if each.is_redeemed and each.state in ("open", "claimed")]
    return [each for each in (*due(found), *bought) if each.kind == "service"]


def _is_issued_on(each: Entitlement, day: date) -> bool:
    taken = each.taken
    issued = taken is not None and taken.taking == "issued" and taken.own and taken.on == day
    return issued and each.state == "used"


def _told(things: Iterable[tuple[Item, date | None, str]]) -> tuple[Line, ...]:
    """Things of a kind together, in the order in which the first of each came."""
    counted: dict[tuple[Item, date | None, str], int] = {}
    for thing in things:
        counted[thing] = counted.get(thing, 0) + 1
    return tuple(
        Line(item, count, until, reason) for (item, until, reason), count in counted.items()
    )


def _each_sentence_once(said: Iterable[Deferral | None]) -> list[Deferral]:
    found = {(row.reason, business_day(row.put_off_at)): row for row in said if row}
    return list(found.values())


def issue_to_undo(pk: int, *, today: date) -> tuple[Issue, bool]:
    """A gift that was handed over, and whether it is to be returned with its level (C18).

    Raises Issue.DoesNotExist.
    """
    people = ("membership__patient__merged_into", "item", "given_item", "by", "undoing__by")
    issue = Issue.objects.select_related(*people).get(pk=pk)
    root = Membership.objects.get(patient=issue.membership.patient.root_id)
    found = entitlements_of_member(root.pk, today)
    return issue, issue in to_recover(root.pk, found)


def other_gifts() -> list[Item]:
    """All gifts that can be asked for in place of a due one, the smaller first."""
    gifts = Item.objects.filter(kind="gift")
    # By the sum in the code: gift_50 before gift_100.
    return sorted(gifts, key=lambda item: (len(item.code), item.code))
