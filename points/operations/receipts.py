from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from points.models import PointsEntry, Receipt
from points.operations import ledger, levels
from points.queries import Standing, standings
from points.rules import NewReceipt, OneTime, PostedReceipt, points_for
from scheme.queries import rules_of
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day

# KEY SHARE holds off an enrolment of the same patients until these receipts are in. The last
# row has no file: it brings the version in force today.
_RESOLVE = """
WITH patient AS MATERIALIZED (
    SELECT id, file_number FROM members_patient
     WHERE file_number = ANY(%s) ORDER BY id FOR KEY SHARE)
SELECT patient.id, version.id
  FROM unnest(%s::text[], %s::date[]) WITH ORDINALITY AS new (file_number, day, place)
  LEFT JOIN patient USING (file_number)
  LEFT JOIN LATERAL (
       SELECT id FROM scheme_scheme
        WHERE published_at IS NOT NULL AND effective_from <= new.day
        ORDER BY effective_from DESC LIMIT 1) version ON true
 ORDER BY new.place
"""

_INSERT = """
INSERT INTO points_receipt (number, revision, patient_id, amount, rate, paid_at, department,
                            doctor_number, note, scheme_id, by_id)
SELECT number, 1, patient_id, amount, rate, paid_at, department, doctor_number, note, scheme_id,
       %s
  FROM unnest(%s::text[], %s::bigint[], %s::numeric[], %s::smallint[], %s::timestamptz[],
              %s::text[], %s::text[], %s::text[], %s::bigint[])
       AS new (number, patient_id, amount, rate, paid_at, department, doctor_number, note,
               scheme_id)
 ORDER BY number
    ON CONFLICT (number, revision) DO NOTHING
RETURNING number, id
"""


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


@dataclass(frozen=True, slots=True)
class _Draft:
    new: NewReceipt
    patient_id: int
    scheme_id: int
    rules: Rules

    @property
    def paid(self) -> OneTime:
        points = points_for(self.new.amount, self.rules.points_per_yuan)
        return OneTime(business_day(self.new.paid_at), points, self.new.amount)

    @property
    def reference(self) -> str:
        return f"receipt:{self.new.number}#1"


@dataclass(frozen=True, slots=True)
class _InBooks:
    """A receipt that is in the books: what decides sameness, and what it did."""

    receipt_id: int
    patient_id: int
    paid: OneTime
    entry: ledger.Posted
    tier_reached: str | None


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
    drafts, current = _resolve(rows, now)
    known = [draft for draft in drafts if isinstance(draft, _Draft)]
    fresh, receipt_ids = _insert(known, by)
    posted = ledger.post(entries=[_entry(draft) for draft in fresh.values()], by=by)
    stands = standings({draft.patient_id for draft in known})
    reached = levels.raise_levels(stands=stands, posted=_by_patient(fresh.values(), posted))
    books = {
        number: _in_books(draft, receipt_ids[number], posted[draft.reference], reached)
        for number, draft in fresh.items()
    }
    if len(fresh) < len(known):
        books |= _earlier({draft.new.number for draft in known} - books.keys())
    return [
        _result(draft, books[draft.new.number], fresh, stands[draft.patient_id], current)
        if isinstance(draft, _Draft)
        else draft
        for draft in drafts
    ]


def _resolve(
    rows: Sequence[NewReceipt], now: datetime
) -> tuple[list[_Draft | Refusal], Rules | None]:
    """Each row with its patient and the rules of its day, and the rules in force today."""
    files = [new.file_number for new in rows]
    days = [business_day(new.paid_at) for new in rows]
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVE, [files, [*files, None], [*days, business_day(now)]])
        found = cursor.fetchall()
    drafts = [_draft(new, *row) for new, row in zip(rows, found, strict=False)]
    return drafts, rules_of(found[-1][1]) if found[-1][1] else None


def _draft(new: NewReceipt, patient_id: int | None, scheme_id: int | None) -> _Draft | Refusal:
    if patient_id is None:
        return unknown_patient(new.file_number)
    if scheme_id is None:
        day = business_day(new.paid_at)
        message = f"{day} 时会员方案尚未开始，当日的消费不计积分"
        return Refusal("before_first_scheme", 422, message, "paid_at")
    return _Draft(new, patient_id, scheme_id, rules_of(scheme_id))


def unknown_patient(file_number: str) -> Refusal:
    """The refusal of a payment for a file that isn't there."""
    message = f"没有档案号为 {file_number} 的病人，请核对或先建档案"
    return Refusal("unknown_patient", 404, message, "file_number")


def _insert(known: Sequence[_Draft], by: User) -> tuple[dict[str, _Draft], dict[str, int]]:
    """Insert what is not there yet: the drafts that were new, and their receipts' keys."""
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
        cursor.execute(_INSERT, [by.pk, *columns])
        receipt_ids = dict(cursor.fetchall())
    fresh = {
        draft.new.number: draft
        for draft in known
        if draft.new.number in receipt_ids and first[draft.new.number] is draft
    }
    return fresh, receipt_ids


def _entry(draft: _Draft) -> ledger.NewEntry:
    points = draft.paid.points
    return ledger.NewEntry(
        account_id=draft.patient_id,
        kind=PointsEntry.Kind.EARN,
        cumulative_delta=points,
        available_delta=points if draft.rules.plan_b else 0,
        occurred_at=draft.new.paid_at,
        reference=draft.reference,
        scheme_id=draft.scheme_id,
    )


def _by_patient(
    fresh: Iterable[_Draft], posted: dict[str, ledger.Posted]
) -> dict[int, list[PostedReceipt]]:
    walks = defaultdict(list)
    for draft in fresh:
        entry = posted[draft.reference]
        walks[draft.patient_id].append(
            PostedReceipt(
                draft.rules, draft.scheme_id, draft.paid, entry.entry_id, entry.cumulative_after
            )
        )
    return walks


def _in_books(
    draft: _Draft, receipt_id: int, entry: ledger.Posted, reached: dict[int, str]
) -> _InBooks:
    tier_reached = reached.get(entry.entry_id)
    return _InBooks(receipt_id, draft.patient_id, draft.paid, entry, tier_reached)


def _earlier(numbers: Collection[str]) -> dict[str, _InBooks]:
    """The newest revision of receipts recorded before, with what they did then."""
    receipts = Receipt.objects.filter(number__in=numbers).order_by("revision")
    newest = {receipt.number: receipt for receipt in receipts}
    references = [receipt.reference for receipt in newest.values()]
    entries = PointsEntry.objects.filter(reference__in=references).in_bulk(field_name="reference")
    reached = levels.reached_by(entry.pk for entry in entries.values())
    return {
        number: _earlier_one(receipt, entries[receipt.reference], reached)
        for number, receipt in newest.items()
    }


def _earlier_one(receipt: Receipt, entry: PointsEntry, reached: dict[int, str]) -> _InBooks:
    return _InBooks(
        receipt_id=receipt.pk,
        patient_id=receipt.patient_id,
        paid=OneTime(receipt.day, entry.cumulative_delta, receipt.amount),
        entry=ledger.Posted(entry.pk, entry.cumulative_after, entry.available_after),
        tier_reached=reached.get(entry.pk),
    )


def _result(
    draft: _Draft,
    books: _InBooks,
    fresh: dict[str, _Draft],
    stands: Standing,
    current: Rules | None,
) -> Recorded | Refusal:
    if not _same(draft, books):
        message = f"收据号 {draft.new.number} 已按另一笔收费入账，请核对收据号"
        return Refusal("receipt_differs", 409, message, "receipt_number")
    return Recorded(
        receipt_id=books.receipt_id,
        receipt_number=draft.new.number,
        repeated=fresh.get(draft.new.number) is not draft,
        points=books.paid.points,
        cumulative=books.entry.cumulative_after,
        available=books.entry.available_after,
        tier_reached=books.tier_reached,
        standing=stands,
        rules=current or draft.rules,
    )


def _same(draft: _Draft, books: _InBooks) -> bool:
    return (draft.patient_id, draft.paid.day, draft.paid.yuan) == (
        books.patient_id,
        books.paid.day,
        books.paid.yuan,
    )
