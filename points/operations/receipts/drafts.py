"""What a receipt is before it is booked: with its patient and the rules of its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from members.exceptions import unknown_patient
from points.exceptions import before_first_scheme
from points.rules import NewReceipt, OneTime, points_for
from scheme.queries import rules_of
from scheme.rules import Rules
from staff.exceptions import Refusal
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


@dataclass(frozen=True, slots=True)
class Draft:
    """A receipt of a known patient, on a day that has rules; `paid` in points and yuan."""

    new: NewReceipt
    patient_id: int
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
    return drafts, rules_of(found[-1][1]) if found[-1][1] else None


def _draft(new: NewReceipt, patient_id: int | None, scheme_id: int | None) -> Draft | Refusal:
    if patient_id is None:
        return unknown_patient(new.file_number)
    if scheme_id is None:
        return before_first_scheme(business_day(new.paid_at))
    rules = rules_of(scheme_id)
    points = points_for(new.amount, rules.points_per_yuan)
    paid = OneTime(business_day(new.paid_at), points, new.amount)
    return Draft(new, patient_id, scheme_id, rules, paid)
