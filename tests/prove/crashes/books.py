"""What the database holds after the run, read past the product: rows as they lie there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = Mapping[str, Any]
Rows = Mapping[str, list[Row]]

_RECEIPTS = """
SELECT number, revision, amount, reference, file_number
  FROM points_receipt JOIN members_patient patient ON patient.id = patient_id
"""
_REFUNDS = """
SELECT refund.number, refund.revision, refund.amount, refund.points, refund.reference,
       receipt.number AS receipt
  FROM points_refund refund JOIN points_receipt receipt ON receipt.id = receipt_id
"""
_ENTRIES = """
SELECT entry.*, file_number, EXISTS (
       SELECT FROM points_tierreview review WHERE review.entry_id = entry.id) AS reviewed
  FROM points_pointsentry entry JOIN members_patient patient ON patient.id = account_id
"""
_MEMBERS = """
SELECT file_number, number FROM members_membership
  JOIN members_patient patient ON patient.id = patient_id
"""
_LEVELS = """
SELECT file_number, tier, rank, entry.seq, entry.reference, at_enrolment
  FROM points_tierreached level
  JOIN members_membership member ON member.id = membership_id
  JOIN members_patient patient ON patient.id = member.patient_id
  JOIN points_pointsentry entry ON entry.id = entry_id
"""
_CORRECTIONS = """
SELECT correction.reason, correction.reference, correction.voids, paid.number, later.amount,
       later.file_number, later.reference AS later, (
       SELECT entry.cumulative_after FROM points_pointsentry entry
        WHERE entry.reference IN (SELECT reference FROM points_refund moved
                                   WHERE moved.correction_id = correction.id
                                  UNION SELECT coalesce(later.reference, correction.reference))
        ORDER BY entry.id DESC LIMIT 1) AS cumulative
  FROM points_correction correction JOIN points_receipt paid ON paid.id = receipt_id
  LEFT JOIN (SELECT points_receipt.*, file_number FROM points_receipt
               JOIN members_patient patient ON patient.id = patient_id) later
         ON later.correction_id = correction.id
"""
_PATIENTS = "SELECT file_number, name FROM members_patient"


@dataclass(frozen=True)
class Books:
    """Rows by their own number, entries by reference, corrections by reason, levels by file."""

    patients: Rows
    receipts: Rows
    refunds: Rows
    entries: Rows
    members: Rows
    levels: Rows
    corrections: Rows

    @classmethod
    def of(cls, url: str) -> "Books":
        with psycopg.connect(url, row_factory=dict_row) as connection:

            def read(sql: str, key: str) -> Rows:
                return _by(connection.execute(sql.encode()).fetchall(), key)

            return cls(
                patients=read(_PATIENTS, "file_number"),
                receipts=read(_RECEIPTS, "number"),
                refunds=read(_REFUNDS, "number"),
                entries=read(_ENTRIES, "reference"),
                members=read(_MEMBERS, "file_number"),
                levels=read(_LEVELS, "file_number"),
                corrections=read(_CORRECTIONS, "reason"),
            )

    @cached_property
    def corrected(self) -> set[str]:
        """The files that a receipt was taken from or given to: their levels may be restated."""
        entries = (entry for several in self.entries.values() for entry in several)
        later = (row for several in self.corrections.values() for row in several)
        taken = {entry["file_number"] for entry in entries if entry["kind"] == "reversal"}
        return taken | {row["file_number"] for row in later}

    def tiers_since(self, file_number: str, seq: int) -> set[str | None]:
        """The levels that a member held at some time from entry number `seq` on."""
        levels = self.levels.get(file_number, [])
        if file_number in self.corrected:
            # A restated level says from when it counts, not since when it is written down.
            return {None, *(row["tier"] for row in levels)}
        moments = {seq, *(row["seq"] for row in levels if row["seq"] > seq)}
        return {_highest(levels, moment) for moment in moments}

    def tiers_reached_by(self, reference: str, file_number: str) -> set[str]:
        """The levels that an entry brought to someone who was a member already."""
        return {
            row["tier"]
            for row in self.levels.get(file_number, [])
            if row["reference"] == reference and not row["at_enrolment"]
        }


def _highest(levels: Iterable[Row], moment: int) -> str | None:
    held = [(row["rank"], row["tier"]) for row in levels if row["seq"] <= moment]
    return max(held)[1] if held else None


def _by(rows: Iterable[Row], key: str) -> Rows:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[str(row[key])].append(row)
    return dict(found)
