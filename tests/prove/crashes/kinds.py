"""The kinds of requests: how each is made up, what its answer teaches, what the books must show.

A new kind is a class like these and a line in `KINDS`.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from math import floor
from typing import Any, Protocol

from staff.rules import SHANGHAI
from tests.factories.members import resident_id
from tests.prove.crashes.books import Books, Row

Answer = Mapping[str, Any]
ENOUGH_TO_JOIN = 1000


@dataclass
class File:
    """A patient file as its client knows it: what was acknowledged."""

    number: str
    points: int = 0
    member: bool = False
    left: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Desk:
    """One client, alone with its patients; numbers begin with `prefix`."""

    prefix: str
    files: list[File] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def next(self, letter: str) -> str:
        return f"{letter}{self.prefix}-{next(self._numbers)}"


@dataclass(frozen=True)
class Order:
    """One request under its own `number`; `was_member` when it was sent."""

    kind: "Kind"
    method: str
    path: str
    body: Mapping[str, object]
    number: str
    file: File
    was_member: bool


class Kind(Protocol):
    """`share` is how often it is chosen; `may_be_dropped` if nobody waits for its answer."""

    share: int
    may_be_dropped: bool

    def order(self, desk: Desk) -> Order | None:
        """A request of this kind, None if the desk has nothing to do it with."""

    def learn(self, order: Order, answer: Answer) -> None:
        """Take over what was acknowledged."""

    def rows(self, order: Order, books: Books) -> list[Row]:
        """What the books hold of it: one row, or none if it never came in."""

    def faults(self, order: Order, row: Row, answer: Answer, books: Books) -> Iterator[str]:
        """What differs between its row and an answer to it."""


class Patient:
    share, may_be_dropped = 10, False

    def order(self, desk: Desk) -> Order | None:
        file = File(desk.next("P"))
        body = {"name": f"张{file.number[-6:]}", "phone": "13987451234"}
        desk.files.append(file)
        return Order(self, "PUT", f"/patients/{file.number}", body, file.number, file, False)

    def learn(self, order: Order, answer: Answer) -> None:
        return

    def rows(self, order: Order, books: Books) -> list[Row]:
        return books.patients.get(order.number, [])

    def faults(self, order: Order, row: Row, answer: Answer, books: Books) -> Iterator[str]:
        if row["name"] != order.body["name"]:
            yield f"name {row['name']}"


class Payment:
    share, may_be_dropped = 60, True

    def order(self, desk: Desk) -> Order | None:
        file = random.choice(desk.files[-20:])
        number = desk.next("R")
        body = {
            "receipt_number": number,
            "file_number": file.number,
            "amount": _yuan(Decimal(random.randrange(1, 200_000)) / 100),
            "paid_at": _now(),
        }
        return Order(self, "POST", "/payments", body, number, file, file.member)

    def learn(self, order: Order, answer: Answer) -> None:
        order.file.points += answer["points"]
        order.file.left[order.number] = Decimal(str(order.body["amount"]))

    def rows(self, order: Order, books: Books) -> list[Row]:
        return [row for row in books.receipts.get(order.number, []) if row["revision"] == 1]

    def faults(self, order: Order, row: Row, answer: Answer, books: Books) -> Iterator[str]:
        amount = Decimal(str(order.body["amount"]))
        if (row["amount"], row["file_number"]) != (amount, order.file.number):
            yield f"row {row}"
        yield from _entry_faults(order, row["reference"], floor(amount), answer, books)
        reached = books.tier_reached_by(row["reference"], order.file.number)
        if {answer["tier_reached"]} - {None} != reached:
            yield f"tier_reached {answer['tier_reached']}, booked {reached}"


class Refund:
    share, may_be_dropped = 20, False

    def order(self, desk: Desk) -> Order | None:
        file = random.choice(desk.files[-20:])
        receipts = [(number, left) for number, left in file.left.items() if left]
        if not receipts:
            return None
        receipt, left = random.choice(receipts)
        cents = int(left * 100)
        number = desk.next("T")
        body = {
            "refund_number": number,
            "receipt_number": receipt,
            "amount": _yuan(Decimal(random.choice([cents, random.randint(1, cents)])) / 100),
            "refunded_at": _now(),
            "reason": "治疗未做",
        }
        return Order(self, "POST", "/refunds", body, number, file, file.member)

    def learn(self, order: Order, answer: Answer) -> None:
        receipt, amount = str(order.body["receipt_number"]), Decimal(str(order.body["amount"]))
        order.file.points += answer["points"]
        order.file.left[receipt] -= amount

    def rows(self, order: Order, books: Books) -> list[Row]:
        return books.refunds.get(order.number, [])

    def faults(self, order: Order, row: Row, answer: Answer, books: Books) -> Iterator[str]:
        amount = Decimal(str(order.body["amount"]))
        if (row["amount"], row["receipt"]) != (amount, order.body["receipt_number"]):
            yield f"row {row}"
        yield from _entry_faults(order, row["reference"], row["points"], answer, books)
        for entry in books.entries.get(row["reference"], []):
            if entry["reviewed"] != answer["review_opened"]:
                yield f"review_opened {answer['review_opened']}"


class Member:
    share, may_be_dropped = 10, False

    def order(self, desk: Desk) -> Order | None:
        able = [f for f in desk.files if not f.member and f.points >= ENOUGH_TO_JOIN]
        if not able:
            return None
        file = able[-1]
        body = {
            "file_number": file.number,
            "name": f"张{file.number[-6:]}",
            "sex": "male",
            "phone": "13987451234",
            "id_number": resident_id(),
            "address": "曲靖市麒麟区",
            "accepts_follow_up": True,
            "accepts_post": False,
            "accepts_activities": True,
            "explained": True,
            "signed_on": datetime.now(SHANGHAI).date().isoformat(),
        }
        return Order(self, "POST", "/members", body, file.number, file, False)

    def learn(self, order: Order, answer: Answer) -> None:
        order.file.member = True

    def rows(self, order: Order, books: Books) -> list[Row]:
        return books.members.get(order.number, [])

    def faults(self, order: Order, row: Row, answer: Answer, books: Books) -> Iterator[str]:
        if row["number"] != answer["membership_number"]:
            yield f"membership_number {answer['membership_number']}, booked {row['number']}"
        if answer["tier"] not in books.tiers_since(order.file.number, 0):
            yield f"tier {answer['tier']}"


OPENS_A_FILE = Patient()
KINDS: tuple[Kind, ...] = (Payment(), Refund(), OPENS_A_FILE, Member())


def _entry_faults(
    order: Order, reference: str, points: int, answer: Answer, books: Books
) -> Iterator[str]:
    """The ledger holds one entry, and the answer told what it says."""
    entries = books.entries.get(reference, [])
    if len(entries) != 1:
        yield f"{len(entries)} entries"
        return
    (entry,) = entries
    told = (answer["points"], answer["cumulative_points"], answer["available_points"])
    booked = (entry["cumulative_delta"], entry["cumulative_after"], entry["available_after"])
    if told != booked or points != entry["cumulative_delta"]:
        yield f"told {told}, booked {booked}, worth {points}"
    if entry["file_number"] != order.file.number:
        yield f"on the account of {entry['file_number']}"
    tiers = books.tiers_since(order.file.number, entry["seq"]) if order.was_member else {None}
    if answer["tier"] not in tiers:
        yield f"tier {answer['tier']}, booked {tiers}"


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _now() -> str:
    return datetime.now(UTC).isoformat()
