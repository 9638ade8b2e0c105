"""Simulations as they are chosen, watched and read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Min, QuerySet

from members.models import Membership
from points.models import PointsEntry, Receipt
from rewards.models import SimulatedMove, Simulation
from rewards.queries.simulation import BECOMES, WAS
from scheme.models import Scheme
from staff.rules import SHANGHAI

MOVES_A_PAGE = 50


def all_simulations() -> QuerySet[Simulation]:
    """The latest first."""
    rows = Simulation.objects.select_related("draft", "beside", "requested_by")
    return rows.order_by("-pk")


def drafts_to_simulate() -> Sequence[Scheme]:
    """The versions that are not published, by the day on which they would come in force."""
    return list(Scheme.objects.drafts().order_by("effective_from"))


def version_in_force(today: date) -> Scheme | None:
    """The version that a draft is compared with; None before the first."""
    return Scheme.objects.in_force_on(today).first()


def first_day(today: date) -> date:
    """The day of the first receipt or of points from before; today without any."""
    receipts = Receipt.objects.aggregate(day=Min("day"))["day"]
    openings = PointsEntry.objects.filter(kind=PointsEntry.Kind.OPENING)
    opened = openings.aggregate(at=Min("occurred_at"))["at"]
    days = [receipts, opened and opened.astimezone(SHANGHAI).date()]
    return min((day for day in days if day), default=today)


@dataclass(frozen=True, slots=True)
class LevelLine:
    """How many members hold a level on each side."""

    code: str
    name: str
    was: int
    becomes: int

    @property
    def more(self) -> int:
        return self.becomes - self.was


@dataclass(frozen=True, slots=True)
class MoveLine:
    """How many members go from one level to another; `key` names it in an address."""

    key: str
    was: str
    was_name: str
    becomes: str
    becomes_name: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Side:
    """What an item comes to on one side; no yuan where no price is known."""

    pieces: int
    price: Decimal | None

    @property
    def yuan(self) -> Decimal | None:
        return None if self.price is None else self.price * self.pieces


@dataclass(frozen=True, slots=True)
class ItemLine:
    """What the levels bring of an item, on both sides."""

    name: str
    unit: str
    was: Side
    becomes: Side

    @property
    def more(self) -> Decimal | None:
        """Yuan more under the draft."""
        if self.was.yuan is None or self.becomes.yuan is None:
            return None
        return self.becomes.yuan - self.was.yuan


@dataclass(frozen=True, slots=True)
class Cost:
    """Yuan on both sides, of a year or in all."""

    name: str
    was: Decimal
    becomes: Decimal

    @property
    def more(self) -> Decimal:
        return self.becomes - self.was


@dataclass(frozen=True, slots=True)
class Mover:
    """A member who would stand on another level."""

    membership: Membership
    was: str
    was_name: str
    becomes: str
    becomes_name: str


@dataclass(frozen=True, slots=True)
class SimulationPage:
    """A simulation: how far it is, or its report with the members who would move."""

    simulation: Simulation
    changed_since: bool
    members: int
    levels: Sequence[LevelLine]
    moves: Sequence[MoveLine]
    items: Sequence[ItemLine]
    years: Sequence[Cost]
    total: Cost
    unpriced: Sequence[str]
    reviews: Mapping[str, int]
    up: int
    down: int
    rows: Page[SimulatedMove] | None
    shown: Sequence[Mover]
    address: str

    @property
    def beside(self) -> str:
        """What the other side is called."""
        return "现行" if self.simulation.beside_id else "实际"

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return 100 * self.simulation.done // max(self.simulation.total, 1)

    @property
    def is_working(self) -> bool:
        """Whether steps are left that a page drives."""
        return self.simulation.finished_at is None


def simulation_page(found: Simulation, *, move: str = "", page: str = "1") -> SimulationPage:
    """A simulation as it is read; `move` names the members shown, such as `vip-diamond`."""
    result: Mapping[str, Any] = found.result or {}
    names = {row["code"]: row["name"] for row in result.get("levels", ())}
    items = [_item(row) for row in result.get("items", ())]
    moves = list(_moves(result, names, move))
    years = list(_years(result))
    rows = _rows(found, moves, page) if result else None
    rising = sum(line.count for line in moves if _rises(line, result))
    return SimulationPage(
        simulation=found,
        changed_since=found.draft.content != found.draft_content,
        members=result.get("members", 0),
        levels=[LevelLine(**row) for row in result.get("levels", ())],
        moves=moves,
        items=items,
        years=years,
        total=_total(years),
        unpriced=[line.name for line in items if _unpriced(line)],
        reviews=result.get("reviews", {}),
        up=rising,
        down=sum(line.count for line in moves) - rising,
        rows=rows,
        shown=[_mover(row, names) for row in rows or ()],
        address=f"?move={move}&" if any(line.current for line in moves) else "?",
    )


def _mover(row: SimulatedMove, names: Mapping[str, str]) -> Mover:
    return Mover(row.membership, row.was, names[row.was], row.becomes, names[row.becomes])


def _total(years: Sequence[Cost]) -> Cost:
    was, becomes = (
        sum((getattr(year, side) for year in years), Decimal(0)) for side in (WAS, BECOMES)
    )
    return Cost("合计", was, becomes)


def _item(row: Mapping[str, Any]) -> ItemLine:
    was, becomes = (
        Side(sum(row[side].values()), None if price is None else Decimal(price))
        for side, price in ((side, row["prices"][side]) for side in (WAS, BECOMES))
    )
    return ItemLine(row["name"], row["unit"], was, becomes)


def _unpriced(line: ItemLine) -> bool:
    return any(side.pieces and side.price is None for side in (line.was, line.becomes))


def _moves(result: Mapping[str, Any], names: Mapping[str, str], chosen: str) -> Iterator[MoveLine]:
    for row in result.get("moves", ()):
        was, becomes = row[WAS], row[BECOMES]
        key = f"{was or 'none'}-{becomes or 'none'}"
        yield MoveLine(
            key, was, names[was], becomes, names[becomes], row["count"], current=key == chosen
        )


def _rises(line: MoveLine, result: Mapping[str, Any]) -> bool:
    highest_first = [row["code"] for row in result["levels"]]
    return highest_first.index(line.becomes) < highest_first.index(line.was)


def _years(result: Mapping[str, Any]) -> Iterator[Cost]:
    """What is brought in each year, in yuan, of what has a price."""
    rows = result.get("items", ())
    years = sorted({year for row in rows for side in (WAS, BECOMES) for year in row[side]})
    for year in years:
        was, becomes = (
            sum(
                (Decimal(row["prices"][side] or 0) * row[side].get(year, 0) for row in rows),
                Decimal(0),
            )
            for side in (WAS, BECOMES)
        )
        yield Cost(year, was, becomes)


def _rows(found: Simulation, moves: Sequence[MoveLine], page: str) -> Page[SimulatedMove]:
    rows = found.moves.select_related("membership__patient").order_by("membership__number")
    for line in moves:
        if line.current:
            rows = rows.filter(was=line.was, becomes=line.becomes)
    return Paginator(rows, MOVES_A_PAGE).get_page(page)
