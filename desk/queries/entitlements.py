"""The member's 礼遇 panel: what levels brought and points bought, and what became of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import urlencode

from django.db.models import Q

from members.models import Patient
from rewards.models import Claim, Issue, Undoing, Use
from rewards.queries.issuing import items_of
from rewards.rules import Entitlement, Key
from scheme.models import Item
from scheme.rules import Rules

ONCE, BOUGHT = "一次性礼遇", "积分兑换"

_ORDER = ("open", "claimed", "held", "used", "lapsed", "superseded")
_WORDS = {
    "open": "可用",
    "claimed": "已领取",
    "held": "暂停",
    "used": "已使用",
    "lapsed": "已过期",
    "superseded": "已被代替",
}
_WORDS_OF_GIFTS = {**_WORDS, "open": "待发放", "used": "已发放"}
_TONES = {"open": "good", "claimed": "info", "held": "warn"}
_PEOPLE_OF_USE = ("by", "beneficiary", "doctor", "claim")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows of a panel tell besides the entitlements, each by its key."""

    items: Mapping[str, Item]
    children: Mapping[int, Patient]
    issues: Mapping[int, Issue]
    claims: Mapping[int, Claim]
    uses: Mapping[int, Use]


@dataclass(frozen=True, slots=True)
class Row:
    """An entitlement with the fact behind it, or `count` alike without one.

    `of` names the level that brings it.
    """

    entitlement: Entitlement
    item: Item
    of: str
    count: int = 1
    child: Patient | None = None
    issue: Issue | None = None
    claim: Claim | None = None
    use: Use | None = None

    @property
    def label(self) -> str:
        """The state in a word."""
        words = _WORDS_OF_GIFTS if self.entitlement.kind == "gift" else _WORDS
        return words[self.entitlement.state]

    @property
    def tone(self) -> str:
        """How its badge looks."""
        return _TONES.get(self.entitlement.state, "")

    @property
    def is_usable(self) -> bool:
        """Whether it is a service that can be used or collected."""
        return self.entitlement.kind == "service" and self.entitlement.state == "open"

    @property
    def address(self) -> str:
        """Which entitlement it is, for an address."""
        return address_of(self.entitlement.key)


@dataclass(frozen=True, slots=True)
class Block:
    """What belongs to one year, to no year, or to the catalogue."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Panel:
    """Blocks to be seen at once, those of earlier years, and what was undone."""

    blocks: tuple[Block, ...]
    earlier: tuple[Block, ...]
    undone: Sequence[Undoing]
    on_card: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever brought, bought or undone."""
        return not (self.blocks or self.earlier or self.undone)

    @property
    def can_claim(self) -> bool:
        """Whether a service of a level is open, which can be collected before it is used."""
        rows = (row for block in self.blocks for row in block.rows)
        return any(row.is_usable and not row.entitlement.is_redeemed for row in rows)


def address_of(key: Key, *, card: str = "") -> str:
    """Which entitlement it is, with the service card that was scanned: a query of an address."""
    item, period, ordinal, child = key
    named = {"item": item, "period": period, "ordinal": ordinal, "child": child, "card": card}
    return urlencode({name: value for name, value in named.items() if value})


def entitlement_panel(
    patient: Patient, found: Sequence[Entitlement], rules: Rules | None, *, year: int
) -> Panel:
    """The panel of a member's `found`; six statements at most, whatever there is to tell."""
    facts = _facts(found)
    ordered = sorted(found, key=_block_place)
    blocks = [
        Block(title, tuple(_rows(group, facts, rules)))
        for title, group in groupby(ordered, key=_title)
    ]
    earlier = [block for block in blocks if _is_before(block.title, year - 1)]
    shown = [block for block in blocks if not _is_before(block.title, year - 1)]
    return Panel(
        blocks=tuple(sorted(shown, key=lambda block: _shown_place(block.title, year))),
        earlier=tuple(reversed(earlier)),
        undone=_undone(patient),
        on_card=rules is not None and rules.service_delivery == "card",
    )


def _title(each: Entitlement) -> str:
    if each.is_yearly:
        return f"{each.period} 年"
    return BOUGHT if each.is_redeemed else ONCE


def _is_before(title: str, year: int) -> bool:
    return title not in (ONCE, BOUGHT) and int(title.split()[0]) < year


def _block_place(each: Entitlement) -> tuple[str, int]:
    return (_title(each), _ORDER.index(each.state))


def _shown_place(title: str, year: int) -> int:
    """This year's first, then what comes once and what was bought, then the year before."""
    return {f"{year} 年": 0, ONCE: 1, BOUGHT: 2}.get(title, 3)


def _rows(group: Iterable[Entitlement], facts: Facts, rules: Rules | None) -> Iterator[Row]:
    """A row for each that something became of; those alike that wait are told once."""
    alike: dict[tuple[object, ...], Row] = {}
    for each in group:
        row = _row(each, facts, rules)
        key = replace(each, ordinal=0) if each.taken is None else each
        known = alike.get((key, row.of))
        alike[(key, row.of)] = replace(known, count=known.count + 1) if known else row
    yield from alike.values()


def _row(each: Entitlement, facts: Facts, rules: Rules | None) -> Row:
    taken = each.taken
    issue = facts.issues.get(taken.fact_id) if taken and taken.taking == "issued" else None
    claim = facts.claims.get(taken.fact_id) if taken and taken.taking == "claimed" else None
    use = facts.uses.get(taken.fact_id) if taken and taken.taking == "used" else None
    return Row(
        entitlement=each,
        item=facts.items[each.item],
        of=rules.tier(each.tier).name if rules and each.tier else "",
        child=facts.children.get(each.child_id) if each.child_id else None,
        issue=issue,
        claim=claim,
        use=use,
    )


def _facts(found: Sequence[Entitlement]) -> Facts:
    keys: dict[str, list[int]] = {"issued": [], "claimed": [], "used": []}
    for each in found:
        if each.taken:
            keys[each.taken.taking].append(each.taken.fact_id)
    children = {each.child_id for each in found if each.child_id}
    uses = Use.objects.select_related(*_PEOPLE_OF_USE)
    return Facts(
        items=items_of({each.item for each in found}) if found else {},
        children=Patient.objects.in_bulk(children) if children else {},
        issues=Issue.objects.select_related("by", "given_item").in_bulk(keys["issued"]),
        claims=Claim.objects.select_related("by").in_bulk(keys["claimed"]),
        uses=uses.in_bulk(keys["used"]),
    )


def _undone(patient: Patient) -> Sequence[Undoing]:
    """What was taken back of this person's issues, claims and uses, the newest first (C40)."""
    files = Q(pk=patient.pk) | Q(merged_into=patient.pk)
    own = Patient.objects.filter(files).values("membership")
    of_person = (
        Q(issue__membership__in=own) | Q(claim__membership__in=own) | Q(use__membership__in=own)
    )
    things = ("by", "issue__given_item", "claim__item", "use__item")
    return list(Undoing.objects.filter(of_person).select_related(*things).order_by("-pk"))
