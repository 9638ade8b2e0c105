"""Booking: the receipt's row, its entry in the ledger, the levels it reaches; once each."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from points.exceptions import receipt_differs, receipt_voided
from points.models import PointsEntry, Receipt
from points.operations import ledger, levels
from points.operations.changeover import carry_over
from points.operations.receipts.drafts import Draft
from points.queries import Standing
from points.rules import OneTime, PostedReceipt, available_for
from staff.exceptions import Refusal
from staff.models import Import, User

_INSERT = """
INSERT INTO points_receipt (number, revision, patient_id, amount, rate, paid_at, department,
                            doctor_number, note, scheme_id, by_id, imported_in_id)
SELECT number, 1, patient_id, amount, rate, paid_at, department, doctor_number, note, scheme_id,
       %s, %s
  FROM unnest(%s::text[], %s::bigint[], %s::numeric[], %s::smallint[], %s::timestamptz[],
              %s::text[], %s::text[], %s::text[], %s::bigint[])
       AS new (number, patient_id, amount, rate, paid_at, department, doctor_number, note,
               scheme_id)
 ORDER BY number
    ON CONFLICT (number, revision) DO NOTHING
RETURNING number, id, reference
"""


@dataclass(frozen=True, slots=True)
class InBooks:
    """A receipt that is in the books: what decides sameness, and what it did."""

    receipt_id: int
    account_id: int
    paid: OneTime
    entry: ledger.Posted
    tier_reached: str | None
    voided: bool = False

    def is_same(self, draft: Draft) -> bool:
        """Whether this is the payment that was delivered: file, business day and amount."""
        return (self.account_id, self.paid.day, self.paid.yuan) == (
            draft.account_id,
            draft.paid.day,
            draft.paid.yuan,
        )


@dataclass(frozen=True, slots=True)
class Booked:
    """What a batch came to: the drafts that were new, and the revisions of every receipt by
    number, the newest first.
    """

    fresh: dict[str, Draft]
    receipts: dict[str, list[InBooks]]
    stands: dict[int, Standing]

    def repeated(self, draft: Draft) -> bool:
        return self.fresh.get(draft.new.number) is not draft

    def found(self, draft: Draft) -> InBooks | Refusal:
        """The receipt that was delivered; one that was corrected since is still found (C39)."""
        number = draft.new.number
        revisions = self.receipts[number]
        if same := next((one for one in revisions if one.is_same(draft)), None):
            return same
        newest = revisions[0]
        if newest.voided:
            return receipt_voided(number)
        same_payer = newest.account_id == draft.account_id
        return receipt_differs(
            number, day=newest.paid.day, yuan=newest.paid.yuan, same_payer=same_payer
        )


class _Stored(NamedTuple):
    receipt_id: int
    reference: str


def book(
    drafts: Iterable[Draft | Refusal],
    by: User,
    standings_of: Callable[[Collection[int]], dict[int, Standing]],
    batch: Import | None = None,
    *,
    spendable_at: datetime | None,
) -> Booked:
    """Book what is not in the books yet, in a few statements; look up what is.

    Levels are reached by those patients alone of whom `standings_of` says where they stand.
    `spendable_at` is the moment while 方案B is on, None without it.
    """
    known = [draft for draft in drafts if isinstance(draft, Draft)]
    fresh, stored = _insert(known, by, batch)
    if spendable_at:
        _carry_over(fresh.values(), by, spendable_at)
    posted = _posted(fresh, stored, by)
    stands = standings_of({draft.account_id for draft in known})
    reached = levels.raise_levels(stands=stands, posted=_walks(fresh, posted, stands))
    receipts = {}
    for number, draft in fresh.items():
        entry = posted[number]
        tier = reached.get(entry.entry_id)
        receipt_id = stored[number].receipt_id
        receipts[number] = [InBooks(receipt_id, draft.account_id, draft.paid, entry, tier)]
    if len(fresh) < len(known):
        receipts |= _earlier({draft.new.number for draft in known} - receipts.keys())
    return Booked(fresh, receipts, stands)


def _insert(
    known: Sequence[Draft], by: User, batch: Import | None
) -> tuple[dict[str, Draft], dict[str, _Stored]]:
    """Insert what is not there yet: the drafts that were new, and their rows, by number."""
    first = {draft.new.number: draft for draft in reversed(known)}
    drafts = list(first.values())
    columns: list[list[Any]] = [
        [draft.new.number for draft in drafts],
        [draft.patient_id for draft in drafts],
        [draft.new.amount for draft in drafts],
        [draft.rules.points_per_yuan for draft in drafts],
        [draft.new.paid_at for draft in drafts],
        [draft.new.department for draft in drafts],
        [draft.new.doctor_number for draft in drafts],
        [draft.new.note for draft in drafts],
        [draft.scheme_id for draft in drafts],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [by.pk, batch.pk if batch else None, *columns])
        stored = {number: _Stored(*row) for number, *row in cursor.fetchall()}
    fresh = {
        draft.new.number: draft
        for draft in known
        if draft.new.number in stored and first[draft.new.number] is draft
    }
    return fresh, stored


def _carry_over(drafts: Iterable[Draft], by: User, now: datetime) -> None:
    """What these patients have from before 方案B is available before more is posted (C3)."""
    latest_first = sorted(drafts, key=lambda draft: draft.rules.effective_from, reverse=True)
    files = {draft.patient_id: draft.rules.effective_from for draft in latest_first}
    if files:
        carry_over(files=files, by=by, now=now)


def _posted(
    fresh: dict[str, Draft], stored: dict[str, _Stored], by: User
) -> dict[str, ledger.Posted]:
    entries = [_entry(draft, stored[number].reference) for number, draft in fresh.items()]
    posted = ledger.post(entries=entries, by=by)
    return {number: posted[stored[number].reference] for number in fresh}


def _entry(draft: Draft, reference: str) -> ledger.NewEntry:
    points = draft.paid.points
    return ledger.NewEntry(
        account_id=draft.account_id,
        kind=PointsEntry.Kind.EARN,
        cumulative_delta=points,
        available_delta=available_for(points, draft.rules),
        occurred_at=draft.new.paid_at,
        reference=reference,
        scheme_id=draft.scheme_id,
    )


def _walks(
    fresh: dict[str, Draft], posted: dict[str, ledger.Posted], accounts: Collection[int]
) -> dict[int, list[PostedReceipt]]:
    walks = defaultdict(list)
    for number, draft in fresh.items():
        if draft.account_id in accounts:
            entry = posted[number]
            walks[draft.account_id].append(
                PostedReceipt(
                    draft.rules, draft.scheme_id, draft.paid, entry.entry_id, entry.cumulative_after
                )
            )
    return walks


def _earlier(numbers: Collection[str]) -> dict[str, list[InBooks]]:
    """All revisions of receipts recorded before, with what they did then."""
    found = Receipt.objects.filter(number__in=numbers).select_related("patient")
    receipts = list(found.order_by("-revision"))
    references = [receipt.reference for receipt in receipts]
    entries = PointsEntry.objects.filter(reference__in=references).in_bulk(field_name="reference")
    reached = levels.reached_by(entry.pk for entry in entries.values())
    revisions = defaultdict(list)
    for receipt in receipts:
        entry = entries[receipt.reference]
        revisions[receipt.number].append(_earlier_one(receipt, entry, reached))
    return revisions


def _earlier_one(receipt: Receipt, entry: PointsEntry, reached: dict[int, str]) -> InBooks:
    return InBooks(
        receipt_id=receipt.pk,
        account_id=receipt.patient.root_id,
        paid=OneTime(receipt.day, entry.cumulative_delta, receipt.amount),
        entry=ledger.Posted(entry.pk, entry.cumulative_after, entry.available_after),
        tier_reached=reached.get(entry.pk),
        voided=receipt.voided,
    )
