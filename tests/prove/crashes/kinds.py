"""The kinds of requests: how each is made up, what its answer teaches, what the books must show.

A new kind is a class like these and a line in `KINDS`.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import floor
from typing import Any, Protocol

from staff.rules import SHANGHAI
from tests.factories.members import resident_id
from tests.prove.crashes.books import Books, Row
from tests.prove.crashes.desk import Desk, File, Paper

Answer = Mapping[str, Any]
ENOUGH_TO_JOIN = 1000


@dataclass(frozen=True)
class Order:
    """One request under its own `number`; `was_member` when it was sent.

    A correction is `about` a receipt, which may go `to` another file.
    """

    kind: "Kind"
    method: str
    path: str
    body: Mapping[str, object]
    number: str
    file: File
    was_member: bool
    about: str = ""
    to: File | None = None


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
        order.file.papers[order.number] = Paper(_amount(order), _amount(order))

    def rows(self, order: Order, books: Books) -> list[Row]:
        return [row for row in books.receipts.get(order.number, []) if row["revision"] == 1]

    def faults(self, order: Order, row: Row, answer: Answer, books: Books) -> Iterator[str]:
        amount = _amount(order)
        if (row["amount"], row["file_number"]) != (amount, order.file.number):
            yield f"row {row}"
        yield from _entry_faults(order, row["reference"], floor(amount), answer, books)
        told = {answer["tier_reached"]} - {None}
        reached = books.tiers_reached_by(row["reference"], order.file.number)
        if told != reached and order.file.number not in books.corrected:
            yield f"tier_reached {told}, booked {reached}"


class Refund:
    share, may_be_dropped = 20, False

    def order(self, desk: Desk) -> Order | None:
        file = random.choice(desk.files[-20:])
        receipts = [number for number, paper in file.papers.items() if paper.left]
        if not receipts:
            return None
        receipt = random.choice(receipts)
        cents = int(file.papers[receipt].left * 100)
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
        order.file.papers[str(order.body["receipt_number"])].left -= _amount(order)

    def rows(self, order: Order, books: Books) -> list[Row]:
        return [row for row in books.refunds.get(order.number, []) if row["revision"] == 1]

    def faults(self, order: Order, row: Row, answer: Answer, books: Books) -> Iterator[str]:
        if (row["amount"], row["receipt"]) != (_amount(order), order.body["receipt_number"]):
            yield f"row {row}"
        yield from _entry_faults(order, row["reference"], row["points"], answer, books)
        for entry in books.entries.get(row["reference"], []):
            corrected = order.file.number in books.corrected
            if entry["reviewed"] != answer["review_opened"] and not corrected:
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


class Correction:
    """Another amount, another patient, or taken back for good."""

    share, may_be_dropped = 10, False

    def order(self, desk: Desk) -> Order | None:
        file = random.choice(desk.files[-20:])
        if not file.papers:
            return None
        receipt, paper = random.choice(list(file.papers.items()))
        number = desk.next("C")
        body: dict[str, object] = {"reason": number}
        to, chance = file, random.randrange(10)
        if chance == 0:
            body["void"] = True
        elif chance < 3 and len(desk.files) > 1:
            to = random.choice([other for other in desk.files if other is not file])
            body["file_number"] = to.number
        else:
            refunded = int((paper.amount - paper.left) * 100)
            body["amount"] = _yuan(Decimal(refunded + random.randrange(1, 200_000)) / 100)
        path = f"/payments/{receipt}/corrections"
        return Order(self, "POST", path, body, number, file, file.member, receipt, to)

    def learn(self, order: Order, answer: Answer) -> None:
        paper = order.file.papers.pop(order.about)
        if "amount" in order.body:
            paper = Paper(_amount(order), paper.left + _amount(order) - paper.amount)
        if order.to and "void" not in order.body:
            order.to.papers[order.about] = paper

    def rows(self, order: Order, books: Books) -> list[Row]:
        return books.corrections.get(order.number, [])

    def faults(self, order: Order, row: Row, answer: Answer, books: Books) -> Iterator[str]:
        if row["number"] != order.about or not row["voids"]:
            yield f"row {row}"
        if "void" in order.body and row["later"]:
            yield f"entered again as {row['later']}"
        if "amount" in order.body and row["amount"] != _amount(order):
            yield f"amount {row['amount']}"
        if order.to and "void" not in order.body and row["file_number"] != order.to.number:
            yield f"on the file {row['file_number']}"
        for reference in filter(None, (row["reference"], row["later"])):
            if len(books.entries.get(reference, [])) != 1:
                yield f"{len(books.entries.get(reference, []))} entries {reference}"
        worth = floor(row["amount"]) if row["amount"] else 0
        told = (answer["points"], answer["cumulative_points"])
        if told != (worth, row["cumulative"]):
            yield f"told {told}, booked {(worth, row['cumulative'])}"


OPENS_A_FILE = Patient()
KINDS: tuple[Kind, ...] = (Payment(), Refund(), OPENS_A_FILE, Member(), Correction())


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


def _amount(order: Order) -> Decimal:
    return Decimal(str(order.body["amount"]))


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _now() -> str:
    return datetime.now(UTC).isoformat()
