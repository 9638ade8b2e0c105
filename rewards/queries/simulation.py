"""What a simulation counts about some members, and what all counts come to in the end."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from members.models import Membership
from points.models import PointsAccount
from points.queries.replay import (
    NOW,
    Facts,
    InForce,
    Level,
    OneVersion,
    Outcome,
    Versions,
    facts_of,
)
from rewards.models import SimulatedMove, Simulation
from rewards.queries.facts import children_of, versions
from rewards.rules import Child, HeldTier, Version
from rewards.rules.simulation import Bringing, price_of
from scheme.models import Item
from scheme.queries import published_rules
from scheme.rules import TIER_CODES, Rules, rules_from

WAS, BECOMES = "was", "becomes"
# So many entries of the ledger are walked through in well under a second.
ENTRIES_AT_ONCE = 5_000
_MEMBERS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Column:
    """The rules of one side: what levels follow by, what they bring; `prices` of its gifts."""

    name: str
    in_force: InForce
    bringing: Bringing
    prices: Rules | None


@dataclass(frozen=True)
class Standing:
    """What one member comes to on one side."""

    tier: str
    held: Sequence[HeldTier]
    reviews: int


def columns_of(simulation: Simulation) -> tuple[Column, Column]:
    """Both sides of a simulation: what was in force, and the draft as it was then."""
    published = tuple(versions()) if simulation.beside_id is None else ()
    return _columns(
        simulation.draft_id,
        simulation.draft_content,
        simulation.beside_id,
        tuple((version.since, version.rules.stored_id) for version in published),
        simulation.to_on,
    )


@lru_cache(maxsize=8)
def _columns(
    draft_id: int,
    content: str,
    beside_id: int | None,
    published: tuple[tuple[date, int], ...],
    until: date,
) -> tuple[Column, Column]:
    """Kept between the steps, with what was found about levels that are alike."""
    becomes = _one(BECOMES, rules_from(content, draft_id), until)
    if beside_id is not None:
        return _one(WAS, published_rules(beside_id), until), becomes
    history = [Version(since, published_rules(pk)) for since, pk in published]
    begun = [version.rules for version in history if version.since <= until]
    prices = begun[-1] if begun else None
    return Column(WAS, Versions(), Bringing(history, until), prices), becomes


def _one(name: str, rules: Rules, until: date) -> Column:
    always = [Version(date.min, rules)]
    return Column(name, OneVersion(rules), Bringing(always, until), rules)


def next_files(after: int) -> list[tuple[int, int]]:
    """The members to be counted next: file and membership, in the order of files.

    Those of merged files are counted with the file that is left.
    """
    rows = (
        Membership.objects.filter(patient__gt=after, patient__merged_into=None)
        .order_by("patient")
        .values_list("patient", "pk")[:_MEMBERS_AT_ONCE]
    )
    found = list(rows)
    entries = dict(
        PointsAccount.objects.filter(patient__in=[file_id for file_id, _ in found]).values_list(
            "patient", "last_seq"
        )
    )
    taken, walked = 0, 0
    for file_id, _ in found:
        walked += entries.get(file_id, 0)
        if taken and walked > ENTRIES_AT_ONCE:
            break
        taken += 1
    return found[:taken]


def counted(
    simulation: Simulation, files: Sequence[tuple[int, int]], before: Mapping[str, int]
) -> tuple[Counter[str], list[SimulatedMove]]:
    """What these members add to the counts, and who of them would move.

    `before` are the counts so far: what comes once for a child of two members counts once.
    """
    facts = facts_of([file_id for file_id, _ in files])
    within = facts.within(simulation.from_on, simulation.to_on)
    columns = columns_of(simulation)
    children = children_of([pk for _, pk in files])
    counts: Counter[str] = Counter()
    moves = []
    for file_id, pk in files:
        outcomes = outcomes_of(within, file_id, simulation.to_on, columns)
        if not outcomes:
            continue
        counts["members"] += 1
        tiers = []
        for column, outcome in zip(columns, outcomes, strict=True):
            side = _standing(outcome, column.in_force)
            _count(counts, before, column, side, children.get(pk, ()))
            tiers.append(side.tier)
        was, becomes = tiers
        if was != becomes:
            counts[f"move:{was}>{becomes}"] += 1
            moves.append(
                SimulatedMove(simulation=simulation, membership_id=pk, was=was, becomes=becomes)
            )
    return counts, moves


def outcomes_of(
    facts: Facts, file_id: int, until: date, columns: Sequence[Column]
) -> Sequence[Outcome]:
    """What a member's history gives on each side; nothing for who joined after that day."""
    first = facts.first_member(file_id, NOW)
    if first is None or first.joined_on > until:
        return ()
    return facts.outcomes(file_id, NOW, [column.in_force for column in columns])


def _standing(outcome: Outcome, in_force: InForce) -> Standing:
    held = [level for level in outcome.levels if level.withdrawn_by_id is None]
    top = max(held, key=lambda level: level.rank).tier if held else ""
    tiers = [_tier(level, outcome, in_force) for level in held]
    return Standing(top, tiers, len(outcome.reviews))


def _tier(level: Level, outcome: Outcome, in_force: InForce) -> HeldTier:
    """As `rewards.queries.facts` reads a level that is stored (C2, C18)."""
    rules = in_force.of(level.scheme_id)
    assert rules, "a level is reached by some version"
    left = level.path == "review" and level.entry_id not in outcome.recovered
    brings_once = level.path != "legacy" and not left
    return HeldTier(level.tier, level.rank, level.reached_on, rules, brings_once)


def _count(
    counts: Counter[str],
    before: Mapping[str, int],
    column: Column,
    side: Standing,
    children: Sequence[Child],
) -> None:
    counts[f"{column.name}:level:{side.tier}"] += 1
    counts[f"{column.name}:reviews"] += side.reviews
    for (item, year), pieces in column.bringing.of(side.held).items():
        counts[f"{column.name}:brings:{item}:{year}"] += pieces
    for whose, item, year, ordinal in column.bringing.for_children(side.held, children):
        single = f"{column.name}:child:{whose}:{item}:{year}:{ordinal}"
        if single not in counts and single not in before:
            counts[single] = 1
            counts[f"{column.name}:brings:{item}:{year}"] += 1


def report_of(simulation: Simulation) -> dict[str, Any]:
    """The finished counts with names and prices as they are now, to be kept."""
    counts = simulation.counts
    was, becomes = columns_of(simulation)
    return {
        "members": counts.get("members", 0),
        "levels": list(_levels(counts, was, becomes)),
        "moves": list(_moves(counts)),
        "reviews": {side: counts.get(f"{side}:reviews", 0) for side in (WAS, BECOMES)},
        "items": list(_items(counts, was, becomes)),
    }


def _levels(counts: Mapping[str, int], was: Column, becomes: Column) -> Iterator[dict[str, Any]]:
    for code in (*reversed(TIER_CODES), ""):
        sides = {side: counts.get(f"{side}:level:{code}", 0) for side in (WAS, BECOMES)}
        names = [_tier_name(column.prices, code) for column in (becomes, was)]
        yield {"code": code, "name": next(filter(None, names), "没有级别"), **sides}


def _tier_name(rules: Rules | None, code: str) -> str:
    return rules.tier(code).name if rules and code else ""


def _moves(counts: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    ranks = ["", *TIER_CODES]
    found = [key.removeprefix("move:").split(">") for key in counts if key.startswith("move:")]
    for was, becomes in sorted(found, key=lambda move: [-ranks.index(code) for code in move]):
        yield {WAS: was, BECOMES: becomes, "count": counts[f"move:{was}>{becomes}"]}


def _items(counts: Mapping[str, int], *columns: Column) -> Iterator[dict[str, Any]]:
    brought: dict[str, dict[str, dict[str, int]]] = {}
    for key, pieces in counts.items():
        side, _, rest = key.partition(":brings:")
        if rest:
            item, year = rest.split(":")
            brought.setdefault(item, {WAS: {}, BECOMES: {}})[side][year] = pieces
    rows = Item.objects.filter(code__in=brought)
    for row in sorted(rows, key=lambda row: _by_price(row, columns)):
        yield {
            "code": row.code,
            "name": row.name,
            "kind": row.kind,
            "unit": row.unit,
            "prices": {column.name: _price(row, column.prices) for column in columns},
            **brought[row.code],
        }


def _by_price(row: Item, columns: Sequence[Column]) -> tuple[str, Decimal, int]:
    """Gifts before services, the cheap ones first."""
    prices = [Decimal(price) for column in columns if (price := _price(row, column.prices))]
    return (row.kind, min(prices, default=Decimal(0)), row.pk)


def _price(row: Item, rules: Rules | None) -> str | None:
    price = price_of(row.code, rules, list_price=row.list_price, cost_price=row.cost_price)
    return None if price is None else str(price)
