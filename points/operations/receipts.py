from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from members.models import Membership
from points.exceptions import before_first_scheme, receipt_differs, unknown_patient
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
    paid: OneTime

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


@dataclass(frozen=True, slots=True)
class _Booked:
    """What a batch came to: the drafts that were new and every receipt, by number."""

    fresh: dict[str, _Draft]
    receipts: dict[str, _InBooks]
    stands: dict[int, Standing]

    def repeated(self, draft: _Draft) -> bool:
        return self.fresh.get(draft.new.number) is not draft


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
    booked = _book(drafts, by, standings)
    return [
        _recorded(draft, booked, current) if isinstance(draft, _Draft) else draft
        for draft in drafts
    ]


@operation
def post_receipts(*, rows: Sequence[NewReceipt], by: User, now: datetime) -> list[bool | Refusal]:
    """Record many payments of which nobody waits for an answer: whether each was there before.

    The same as `record_receipts`, without working out where patients stand who are no members.
    """
    drafts, _ = _resolve(rows, now)
    booked = _book(drafts, by, _standings_of_members)
    return [
        _differs(draft, booked) or booked.repeated(draft) if isinstance(draft, _Draft) else draft
        for draft in drafts
    ]


def _book(
    drafts: Iterable[_Draft | Refusal],
    by: User,
    standings_of: Callable[[Collection[int]], dict[int, Standing]],
) -> _Booked:
    known = [draft for draft in drafts if isinstance(draft, _Draft)]
    fresh, receipt_ids = _insert(known, by)
    posted = ledger.post(entries=[_entry(draft) for draft in fresh.values()], by=by)
    stands = standings_of({draft.patient_id for draft in known})
    walks = _walks((draft for draft in fresh.values() if draft.patient_id in stands), posted)
    reached = levels.raise_levels(stands=stands, posted=walks)
    receipts = {}
    for number, draft in fresh.items():
        entry = posted[draft.reference]
        tier = reached.get(entry.entry_id)
        receipts[number] = _InBooks(receipt_ids[number], draft.patient_id, draft.paid, entry, tier)
    if len(fresh) < len(known):
        receipts |= _earlier({draft.new.number for draft in known} - receipts.keys())
    return _Booked(fresh, receipts, stands)


def _standings_of_members(patient_ids: Collection[int]) -> dict[int, Standing]:
    members = Membership.objects.filter(patient__in=patient_ids)
    return standings(list(members.values_list("patient_id", flat=True)))


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
        return before_first_scheme(business_day(new.paid_at))
    rules = rules_of(scheme_id)
    points = points_for(new.amount, rules.points_per_yuan)
    paid = OneTime(business_day(new.paid_at), points, new.amount)
    return _Draft(new, patient_id, scheme_id, rules, paid)


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


def _walks(
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


def _recorded(draft: _Draft, booked: _Booked, current: Rules | None) -> Recorded | Refusal:
    if differs := _differs(draft, booked):
        return differs
    receipt = booked.receipts[draft.new.number]
    return Recorded(
        receipt_id=receipt.receipt_id,
        receipt_number=draft.new.number,
        repeated=booked.repeated(draft),
        points=receipt.paid.points,
        cumulative=receipt.entry.cumulative_after,
        available=receipt.entry.available_after,
        tier_reached=receipt.tier_reached,
        standing=booked.stands[draft.patient_id],
        rules=current or draft.rules,
    )


def _differs(draft: _Draft, booked: _Booked) -> Refusal | None:
    receipt = booked.receipts[draft.new.number]
    if (draft.patient_id, draft.paid.day, draft.paid.yuan) == (
        receipt.patient_id,
        receipt.paid.day,
        receipt.paid.yuan,
    ):
        return None
    return receipt_differs(draft.new.number)
