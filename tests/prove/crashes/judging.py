"""Every acknowledged answer against the books, and the books against what was sent."""

from collections import defaultdict
from collections.abc import Iterator
from http import HTTPStatus

from tests.prove.crashes.books import Books
from tests.prove.crashes.kinds import Order
from tests.prove.crashes.load import Acknowledged, Log


def faults(log: Log, books: Books) -> list[str]:
    """A sentence per acknowledged request that the books don't hold as it was told, and per row
    that nobody sent, or that is there twice or by half."""
    return [*_lost_or_changed(log, books), *_doubled(log), *_halves(log, books)]


def _lost_or_changed(log: Log, books: Books) -> Iterator[str]:
    for acknowledged in log.acknowledged:
        order = acknowledged.order
        rows = order.kind.rows(order, books)
        if len(rows) != 1:
            yield f"{_named(order)}: acknowledged, {len(rows)} rows"
            continue
        for fault in order.kind.faults(order, rows[0], acknowledged.answer, books):
            yield f"{_named(order)}: {fault}"


def _doubled(log: Log) -> Iterator[str]:
    """Only the first answer may be 201; all tell the same."""
    answers: dict[str, list[Acknowledged]] = defaultdict(list)
    for acknowledged in log.acknowledged:
        answers[_named(acknowledged.order)].append(acknowledged)
    for name, several in answers.items():
        if sum(one.status == HTTPStatus.CREATED for one in several) > 1:
            yield f"{name}: created twice"
        if any(one.answer.get("points") != several[0].answer.get("points") for one in several):
            yield f"{name}: two answers"


def _halves(log: Log, books: Books) -> Iterator[str]:
    """What was never acknowledged is in or out as a whole, and nothing else is there."""
    sent = {order.number for order in log.sent}
    yield from (f"{reason}: nobody sent it" for reason in books.corrections.keys() - sent)
    for kind, rows in (("earn", books.receipts), ("refund", books.refunds)):
        references = [row["reference"] for several in rows.values() for row in several]
        entries = [r for r, several in books.entries.items() if several[0]["kind"] == kind]
        for reference in {*references} ^ {*entries}:
            yield f"{reference}: only a half is there"
        for number in rows.keys() - sent:
            yield f"{number}: nobody sent it"


def _named(order: Order) -> str:
    return f"{order.method} {order.path} {order.number}"
