"""Who has gifts to collect and services about to lapse, of all members (R38, R51)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from rewards.queries.untaken import SETTINGS, page_statement
from scheme.models import Scheme
from scheme.rules import TIER_CODES, ItemKind

UNTAKEN_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for: gifts or services, and of these which.

    `until`: only what lapses by that day; None: all. `tier`: brought by this level, "" for what
    points bought, None for any. `item_id`: one item. `put_off`: only what was put off, or was not.
    """

    kind: ItemKind
    until: date | None = None
    tier: str | None = None
    item_id: int | None = None
    put_off: bool | None = None


@dataclass(frozen=True, slots=True)
class Untaken:
    """Pieces of one item that a member has and did not take, `quantity` of the same kind.

    `expires_on` is the last day, None without end. `claimed`: collected, but not yet used.
    `put_off_id` is the newest deferral of it.
    """

    member_id: int
    item_id: int
    tier: str
    period: str
    child_id: int | None
    expires_on: date | None
    claimed: bool
    put_off_id: int | None
    quantity: int


@dataclass(frozen=True, slots=True)
class UntakenPage:
    """One page: how many members there are in all, and what those on it have, in their order."""

    count: int
    rows: Sequence[Untaken]


def untaken(choice: Choice, *, day: date, page: int, size: int = UNTAKEN_A_PAGE) -> UntakenPage:
    """`size` members and all that they have of what was asked for; one heavy statement.

    The same as `entitlements_of` says is open or claimed on `day`, which is today: what the
    household has once is named for one of its children. A page after the last is the last.
    """
    given = {**_given(choice, day), "page": page, "size": size}
    rows = _rows(page_statement(choice.kind), given)
    return UntakenPage(rows[0][0] if rows else 0, [Untaken(*row[1:]) for row in rows])


def _given(choice: Choice, day: date) -> dict[str, Any]:
    new_year = day.replace(month=1, day=1)
    at_new_year = Scheme.objects.in_force_on(new_year).values_list("pk", flat=True).first()
    plan_a = Scheme.objects.in_force_on(day).values_list("plan_a", flat=True).first()
    return {
        "kind": choice.kind,
        "day": day,
        "year": str(day.year),
        "new_year": new_year,
        "year_end": day.replace(month=12, day=31),
        "at_new_year": at_new_year,
        "plan_a": bool(plan_a),
        "tiers": list(TIER_CODES),
        "until": choice.until,
        "tier": choice.tier,
        "item": choice.item_id,
        "put_off": choice.put_off,
    }


def _rows(statement: str, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        cursor.execute(statement, given)
        return list(cursor.fetchall())
