from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F, Model
from django.db.models.functions import Greatest

from points.models import TierReached, TierReview
from points.queries.replay import Decision, Level, Line, Replay, Review, Versions

_MEMBERS_AT_ONCE = 1000

_MEMBERS = """
SELECT id, number, signed_on, enrolled_at FROM members_membership
 WHERE id > %s ORDER BY id LIMIT %s
"""

_HISTORY = """
SELECT member.id, entry.id, entry.cumulative_after, entry.recorded_at, entry.by_id,
       paid.id, paid.day, paid.amount, paid.rate, paid.scheme_id,
       refund.amount, refund.refunded_at
  FROM members_membership member
  JOIN points_pointsentry entry ON entry.account_id = member.patient_id
  LEFT JOIN points_refund refund
         ON entry.kind = 'refund' AND refund.reference = entry.reference
  LEFT JOIN points_receipt earned
         ON entry.kind = 'earn' AND earned.reference = entry.reference
  JOIN points_receipt paid ON paid.id = coalesce(refund.receipt_id, earned.id)
 WHERE member.id = ANY(%s)
 ORDER BY member.id, entry.seq
"""


class _Member(NamedTuple):
    pk: int
    number: str
    signed_on: Any
    enrolled_at: Any


def broken_levels() -> Iterator[str]:
    """A Chinese sentence per level or review that the ledger in its order does not give."""
    versions = Versions()
    last = 0
    while members := [_Member(*row) for row in _rows(_MEMBERS, last, _MEMBERS_AT_ONCE)]:
        last = members[-1].pk
        yield from _broken(members, versions)
    yield from _broken_decisions()


def _broken(members: list[_Member], versions: Versions) -> Iterator[str]:
    keys = [member.pk for member in members]
    lines = _grouped(_rows(_HISTORY, keys))
    levels = _stored(TierReached, Level, keys)
    reviews = _stored(TierReview, Review, keys)
    decided = TierReview.objects.filter(membership__in=keys).exclude(decision="")
    # The application's clock may be a little behind the database's; a decision never precedes
    # the refund that it is about.
    moment = Greatest("approval__decided_at", "entry__recorded_at")
    decisions = _grouped(decided.values_list("membership_id", "pk", "entry_id", "decision", moment))
    for member in members:
        replay = Replay(versions, member.signed_on, member.enrolled_at)
        replay.walk(
            [Line(*row) for row in lines.get(member.pk, [])],
            [Decision(*row) for row in decisions.get(member.pk, [])],
        )
        yield from _compared(member, TierReached, replay.levels, levels.get(member.pk, []))
        yield from _compared(member, TierReview, replay.reviews, reviews.get(member.pk, []))


def _compared(
    member: _Member, model: type[Model], expected: Iterable[tuple[Any, ...]], stored: list[Any]
) -> Iterator[str]:
    missing = list(expected)
    name = model._meta.verbose_name
    for pk, *values in stored:
        row = tuple(values)
        if row in missing:
            missing.remove(row)
        else:
            yield f"{name} {pk}（会员号 {member.number}，{row}）：与流水推算的不符"
    for row in missing:
        yield f"会员号 {member.number}：按流水推算应有{name} {tuple(row)}，没有找到"


def _stored(model: Any, shape: Any, keys: list[int]) -> dict[int, list[Any]]:
    rows = model.objects.filter(membership__in=keys).order_by("membership_id", "pk")
    return _grouped(rows.values_list("membership_id", "pk", *shape._fields))


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Any]]:
    ordered = sorted(rows, key=itemgetter(0))
    return {key: [row[1:] for row in group] for key, group in groupby(ordered, itemgetter(0))}


def _broken_decisions() -> Iterator[str]:
    different = TierReview.objects.exclude(decision=F("approval__decision"))
    for review in different.select_related("membership"):
        yield f"级别复核 {review.pk}（会员号 {review.membership.number}）：决定与审批不同"


def _rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
