"""The facts of some files, and of all that were ever merged with them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

from django.db import connection
from psycopg.types.datetime import TimestamptzLoader

from points.queries.replay.rows import Decision, Event, Line, Member, Merge, Outcome
from points.queries.replay.versions import InForce
from points.queries.replay.walk import Replay
from staff.rules import business_day

MOMENT = timedelta(microseconds=1)
NOW = datetime.max.replace(tzinfo=UTC)

# Each file with those that were ever merged with it, on whatever way.
_LINKED = """
WITH RECURSIVE linked (id) AS (
    SELECT unnest(%s::bigint[])
    UNION
    SELECT CASE merge.kept_id WHEN linked.id THEN merge.absorbed_id ELSE merge.kept_id END
      FROM linked JOIN members_filemerge merge ON linked.id IN (merge.kept_id, merge.absorbed_id)
     WHERE merge.merged_at IS NOT NULL)
SELECT id FROM linked
"""

_MERGES = """
SELECT merge.absorbed_id, merge.kept_id, done.recorded_at, undone.recorded_at
  FROM members_filemerge merge
  JOIN points_pointsentry done ON done.reference = format('merge:%%s:out', merge.id)
  LEFT JOIN points_pointsentry undone ON undone.reference = format('unmerge:%%s:out', merge.id)
 WHERE merge.absorbed_id = ANY(%s) ORDER BY merge.id
"""

_EARNED = """
SELECT paid.patient_id, entry.id, coalesce(origin.recorded_at, entry.recorded_at),
       coalesce(origin.id, entry.id), entry.recorded_at, reversal.recorded_at, entry.by_id,
       paid.id, paid.day, paid.amount, paid.rate, paid.scheme_id, NULL, paid.paid_at
  FROM points_receipt paid
  JOIN points_pointsentry entry ON entry.reference = paid.reference AND entry.kind = 'earn'
       AND entry.account_id = ANY(%s)
  LEFT JOIN points_pointsentry origin
         ON origin.reference
            = CASE WHEN paid.revision > 1 THEN 'receipt:' || paid.number || '#1' END
  LEFT JOIN points_correction cause ON paid.voided AND cause.receipt_id = paid.id AND cause.voids
  LEFT JOIN points_pointsentry reversal ON reversal.reference = cause.reference
 WHERE paid.patient_id = ANY(%s)
"""

# A refund that moved on with its receipt keeps its place; one entered again has a new one.
_REFUNDED = """
SELECT paid.patient_id, entry.id, coalesce(origin.recorded_at, entry.recorded_at),
       coalesce(origin.id, entry.id), entry.recorded_at,
       least(reversal.recorded_at, whole.recorded_at), coalesce(origin.by_id, entry.by_id),
       paid.id, paid.day, paid.amount, paid.rate, paid.scheme_id, refund.amount, refund.refunded_at
  FROM points_refund refund
  JOIN points_receipt paid ON paid.id = refund.receipt_id
  JOIN points_pointsentry entry ON entry.reference = refund.reference AND entry.kind = 'refund'
  LEFT JOIN LATERAL (
       SELECT entered.reference FROM points_refund entered
         LEFT JOIN points_correction again ON again.id = entered.correction_id
        WHERE refund.correction_id = paid.correction_id
          AND entered.number = refund.number AND entered.revision < refund.revision
          AND (entered.revision = 1 OR again.refund_id IS NOT NULL)
        ORDER BY entered.revision DESC LIMIT 1) entered ON true
  LEFT JOIN points_pointsentry origin ON origin.reference = entered.reference
  LEFT JOIN points_correction cause ON refund.voided AND cause.refund_id = refund.id
  LEFT JOIN points_pointsentry reversal ON reversal.reference = cause.reference
  LEFT JOIN points_correction of_paid
         ON paid.voided AND of_paid.receipt_id = paid.id AND of_paid.voids
  LEFT JOIN points_pointsentry whole ON whole.reference = of_paid.reference
 WHERE paid.patient_id = ANY(%s)
"""

_OPENED = """
SELECT balance.patient_id, entry.id, entry.recorded_at, entry.id, entry.recorded_at, NULL,
       entry.by_id, NULL, (entry.occurred_at AT TIME ZONE 'Asia/Shanghai')::date,
       balance.points::numeric, 1, entry.scheme_id, NULL, entry.occurred_at
  FROM points_legacybalance balance
  JOIN points_pointsentry entry
    ON entry.reference = balance.reference AND entry.kind = 'opening' AND NOT balance.rejected
 WHERE balance.patient_id = ANY(%s)
"""

_MEMBERS = """
SELECT patient_id, id, number, joined_on, enrolled_at FROM members_membership
 WHERE patient_id = ANY(%s)
"""

# Decisions from before this was kept have the application's time, which may lag a little.
_DECISIONS = """
SELECT member.patient_id, review.id, review.entry_id, review.tier, review.supported_tier,
       review.decision, coalesce(review.decided_at, greatest(asked.decided_at, entry.recorded_at)),
       coalesce(asked.decided_at, entry.recorded_at),
       restating.recorded_at
  FROM points_tierreview review
  JOIN members_membership member ON member.id = review.membership_id
  JOIN staff_approval asked ON asked.id = review.approval_id
  JOIN points_pointsentry entry ON entry.id = review.entry_id
  LEFT JOIN points_pointsentry restating ON restating.id = review.restated_by_id
 WHERE member.patient_id = ANY(%s) AND review.decision <> ''
"""

# What belongs to one correction or one merge on one account is one event. A merge holds from the
# moment that points left the one account, a little before they reached the other.
_EVENTS = """
WITH told (cause, reference, since) AS (
    SELECT 'correction:' || id, reference, reference FROM points_correction WHERE reference <> ''
    UNION ALL
    SELECT 'correction:' || correction_id, reference, reference FROM points_receipt
     WHERE correction_id IS NOT NULL
    UNION ALL
    SELECT 'correction:' || moved.correction_id, back.reference, back.reference
      FROM points_refund back JOIN points_receipt moved
        ON moved.id = back.receipt_id AND moved.correction_id = back.correction_id
     WHERE back.correction_id IS NOT NULL
    UNION ALL
    SELECT reference, reference, regexp_replace(reference, ':in$', ':out') FROM points_pointsentry
     WHERE account_id = ANY(%(files)s) AND kind IN ('merge_in', 'merge_out'))
SELECT entry.account_id, min(first.recorded_at), max(entry.recorded_at),
       (array_agg(entry.id ORDER BY entry.seq DESC))[1]
  FROM told JOIN points_pointsentry entry ON entry.reference = told.reference
  JOIN points_pointsentry first ON first.reference = told.since
 WHERE entry.account_id = ANY(%(files)s)
 GROUP BY entry.account_id, cause ORDER BY entry.account_id, min(first.recorded_at)
"""

# Whosever file it stood on meanwhile; once entered again, it has a place of its own.
_MOVED = """
SELECT entry.id
  FROM points_pointsentry asked
  JOIN points_refund refund ON refund.reference = asked.reference
  JOIN points_refund moved ON moved.number = refund.number
  JOIN points_pointsentry entry ON entry.reference = moved.reference
 WHERE asked.id = %s AND NOT EXISTS (
       SELECT FROM points_refund entered
         JOIN points_correction cause
           ON cause.id = entered.correction_id AND cause.refund_id IS NOT NULL
        WHERE entered.number = refund.number
          AND entered.revision > least(refund.revision, moved.revision)
          AND entered.revision <= greatest(refund.revision, moved.revision))
"""


@dataclass(frozen=True)
class Facts:
    """What is known of some files, by file, at this and at every earlier moment."""

    lines: dict[int, list[Line]]
    members: dict[int, Member]
    merges: Sequence[Merge]
    decisions: Sequence[Decision]

    def family(self, file_id: int, at: datetime) -> set[int]:
        """The file and those merged into it at that moment; empty for one that is merged away."""
        if not self.merges:
            return {file_id}
        holding = [
            merge
            for merge in self.merges
            if merge.known_from <= at and _holds(merge.known_until, at)
        ]
        if any(merge.absorbed_id == file_id for merge in holding):
            return set()
        family: set[int] = set()
        found = {file_id}
        while found:
            family |= found
            found = {merge.absorbed_id for merge in holding if merge.kept_id in family} - family
        return family

    def outcome(self, file_id: int, at: datetime, versions: InForce) -> Outcome:
        """The levels and reviews that follow for a file from what is known at that moment."""
        return self.outcomes(file_id, at, [versions])[0]

    def outcomes(
        self, file_id: int, at: datetime, versions: Iterable[InForce]
    ) -> Sequence[Outcome]:
        """What `outcome` says, by several rules beside each other."""
        family = self.family(file_id, at)
        first = self.first_member(file_id, at)
        if first is None:
            return [Outcome([], []) for _ in versions]
        lines, decisions = self._lines(family, at), self._decisions(family, file_id, at)
        found = []
        for each in versions:
            replay = Replay(each, first.joined_on, first.enrolled_at)
            replay.walk(lines, decisions)
            found.append(Outcome(replay.levels, replay.reviews, replay.recovered))
        return found

    def first_member(self, file_id: int, at: datetime) -> Member | None:
        """The membership that the history of a file begins with; None of a file without one."""
        if file_id not in self.members:
            return None
        family = (self.members.get(each) for each in self.family(file_id, at))
        members = [member for member in family if member and member.enrolled_at <= at]
        return min(members, key=lambda member: member.enrolled_at, default=None)

    def within(self, from_on: date, to_on: date) -> "Facts":
        """The same facts if nothing but receipts of these days had been paid.

        What was refunded or decided after the last day has not happened either.
        """
        lines = {
            file_id: [
                line
                for line in lines
                if from_on <= line.day <= to_on and business_day(line.refunded_at) <= to_on
            ]
            for file_id, lines in self.lines.items()
        }
        made = [each for each in self.decisions if business_day(each.said_at) <= to_on]
        return replace(self, lines=lines, decisions=made)

    def as_if_merged(self, kept_id: int, absorbed_id: int) -> "Facts":
        """The same facts if one of two files had always been part of the other."""
        merge = Merge(absorbed_id, kept_id, datetime.min.replace(tzinfo=UTC), None)
        return replace(self, merges=[*self.merges, merge])

    def as_if_parted(self, kept_id: int, absorbed_id: int) -> "Facts":
        """The same facts if the merge of two files that holds had never been."""
        parted = (absorbed_id, kept_id, None)
        left = [merge for merge in self.merges if (*merge[:2], merge.known_until) != parted]
        return replace(self, merges=left)

    def _lines(self, family: Collection[int], at: datetime) -> list[Line]:
        known = (
            line
            for line in chain.from_iterable(self.lines.get(each, ()) for each in family)
            if line.known_from <= at and _holds(line.known_until, at)
        )
        return sorted(known, key=lambda line: (line.placed_at, line.place))

    def _decisions(self, family: Collection[int], file_id: int, at: datetime) -> list[Decision]:
        """One decision a question: the file's own before those of files merged into it."""
        known = [
            made
            for made in self.decisions
            if made.file_id in family and made.decided_at <= at and _holds(made.known_until, at)
        ]
        own_last = sorted(known, key=lambda made: (made.file_id == file_id, -made.review_id))
        return list({made[2:5]: made for made in own_last}.values())


def _holds(known_until: datetime | None, at: datetime) -> bool:
    return known_until is None or known_until > at


def facts_of(file_ids: Collection[int]) -> Facts:
    """The facts of these files and of all that were ever merged with them."""
    linked = [pk for (pk,) in _rows(_LINKED, [list(file_ids)])]
    lines = defaultdict(list)
    earned = _rows(_EARNED, [linked, linked])
    for row in chain(earned, *(_rows(sql, [linked]) for sql in (_REFUNDED, _OPENED))):
        lines[row[0]].append(Line._make(row))
    places = {line.entry_id: line.place for line in chain.from_iterable(lines.values())}
    decisions = (Decision(*row) for row in _rows(_DECISIONS, [linked]))
    return Facts(
        lines=lines,
        members={row[0]: Member(*row) for row in _rows(_MEMBERS, [linked])},
        merges=[Merge(*row) for row in _rows(_MERGES, [linked])],
        decisions=[made._replace(place=places.get(made.place, made.place)) for made in decisions],
    )


def entries_at(entry_id: int) -> list[int]:
    """The entry of a refund and those that stood or stand in its place, on whatever account."""
    return [pk for (pk,) in _rows(_MOVED, [entry_id])]


def events_of(file_ids: Iterable[int]) -> list[Event]:
    """What changed the histories of these files afterwards, in order."""
    return [Event(*row) for row in _rows(_EVENTS, {"files": list(file_ids)})]


def _rows(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        # Django's own reading of times would take most of the time.
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
