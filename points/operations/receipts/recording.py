"""The operations: what happened to each receipt, for whoever waits for an answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from members.models import Membership
from points.operations.receipts.booking import Booked, book
from points.operations.receipts.drafts import Draft, resolve
from points.queries import Standing, standings
from points.rules import NewReceipt
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.refusals import operation


@dataclass(frozen=True, slots=True)
class Recorded:
    """What happened to a receipt.

    Points, totals and `tier_reached` are those of when it was recorded; `standing` is where the
    patient stands now, judged by `rules`, the version in force today.
    """

    receipt_id: int
    receipt_number: str
    repeated: bool
    points: int
    cumulative: int
    available: int
    tier_reached: str | None
    standing: Standing
    rules: Rules


def record_receipt(*, new: NewReceipt, by: User, now: datetime) -> Recorded:
    """Record a payment: its points and the levels they reach (R11–R15); once per receipt.

    The same receipt (number, file, amount, business day) again only tells what happened then.
    Raises Refusal 404 for an unknown file, 409 when the number stands for another payment, 422
    for a day before the first scheme.
    """
    (recorded,) = record_receipts(rows=[new], by=by, now=now)
    if isinstance(recorded, Refusal):
        raise recorded
    return recorded


@operation
def record_receipts(
    *, rows: Sequence[NewReceipt], by: User, now: datetime
) -> list[Recorded | Refusal]:
    """Record many payments in one transaction and a few statements, each judged by itself."""
    drafts, current = resolve(rows, now)
    booked = book(drafts, by, standings, spendable_at=_spendable_at(current, now))
    return [
        _recorded(draft, booked, current) if isinstance(draft, Draft) else draft for draft in drafts
    ]


@operation
def post_receipts(
    *, rows: Sequence[NewReceipt], by: User, now: datetime, batch: Import | None = None
) -> list[bool | Refusal]:
    """Record many payments of which nobody waits for an answer: whether each was there before.

    The same as `record_receipts`, without working out where patients stand who are no members.
    `batch` is the file they came in.
    """
    drafts, current = resolve(rows, now)
    booked = book(
        drafts, by, _standings_of_members, batch, spendable_at=_spendable_at(current, now)
    )
    return [_was_there(draft, booked) if isinstance(draft, Draft) else draft for draft in drafts]


def _spendable_at(current: Rules | None, now: datetime) -> datetime | None:
    return now if current and current.plan_b else None


def _was_there(draft: Draft, booked: Booked) -> bool | Refusal:
    found = booked.found(draft)
    return found if isinstance(found, Refusal) else booked.repeated(draft)


def _standings_of_members(patient_ids: Collection[int]) -> dict[int, Standing]:
    members = Membership.objects.filter(patient__in=patient_ids)
    return standings(list(members.values_list("patient_id", flat=True)))


def _recorded(draft: Draft, booked: Booked, current: Rules | None) -> Recorded | Refusal:
    receipt = booked.found(draft)
    if isinstance(receipt, Refusal):
        return receipt
    return Recorded(
        receipt_id=receipt.receipt_id,
        receipt_number=draft.new.number,
        repeated=booked.repeated(draft),
        points=receipt.paid.points,
        cumulative=receipt.entry.cumulative_after,
        available=receipt.entry.available_after,
        tier_reached=receipt.tier_reached,
        standing=booked.stands[draft.account_id],
        rules=current or draft.rules,
    )
