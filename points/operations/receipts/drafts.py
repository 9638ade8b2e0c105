"""What a receipt is before it is booked: with its patient and the rules of its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from members.exceptions import unknown_patient
from points.exceptions import before_first_scheme, counted_as_legacy
from points.rules import NewReceipt, OneTime, points_for
from scheme.queries import rules_of
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.rules import business_day

# KEY SHARE holds off an enrolment or a merge of the same files until these receipts are in. The
# last row has no file: it brings the version in force today.
_RESOLVE = """
WITH patient AS MATERIALIZED (
    SELECT id, file_number, coalesce(merged_into_id, id) AS root_id FROM members_patient
     WHERE file_number = ANY(%s) ORDER BY id FOR KEY SHARE)
SELECT patient.id, patient.root_id, version.id, legacy.until
  FROM unnest(%s::text[], %s::date[]) WITH ORDINALITY AS new (file_number, day, place)
  LEFT JOIN patient USING (file_number)
  LEFT JOIN LATERAL (
       SELECT id FROM scheme_scheme
        WHERE published_at IS NOT NULL AND effective_from <= new.day
        ORDER BY effective_from DESC LIMIT 1) version ON true
  LEFT JOIN points_legacybalance legacy ON legacy.patient_id = patient.id AND NOT legacy.rejected
 ORDER BY new.place
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A receipt of a known patient, on a day that has rules; `paid` in points and yuan.

    `patient_id` is the file on the paper, `account_id` the one its points stand on (C40).
    """

    new: NewReceipt
    patient_id: int
    account_id: int
    scheme_id: int
    rules: Rules
    paid: OneTime


def resolve(
    rows: Sequence[NewReceipt], now: datetime
) -> tuple[list[Draft | Refusal], Rules | None]:
    """Each row with its patient and the rules of its day, and the rules in force today."""
    files = [new.file_number for new in rows]
    days = [business_day(new.paid_at) for new in rows]
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVE, [files, [*files, None], [*days, business_day(now)]])
        found = cursor.fetchall()
    drafts = [_draft(new, *row) for new, row in zip(rows, found, strict=False)]
    current = found[-1][2]
    return drafts, rules_of(current) if current else None


def _draft(
    new: NewReceipt,
    patient_id: int | None,
    account_id: int,
    scheme_id: int | None,
    until: date | None,
) -> Draft | Refusal:
    day = business_day(new.paid_at)
    if patient_id is None:
        return unknown_patient(new.file_number)
    if scheme_id is None:
        return before_first_scheme(day)
    if until and day <= until:
        return counted_as_legacy(day, until)
    rules = rules_of(scheme_id)
    points = points_for(new.amount, rules.points_per_yuan)
    return Draft(new, patient_id, account_id, scheme_id, rules, OneTime(day, points, new.amount))
