"""Levels and reviews against the replay of the facts."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import F, Model, Q

from members.models import Membership
from points.models import LegacyConfirmation, TierReached, TierReview
from points.queries.replay import (
    MOMENT,
    NOW,
    Event,
    Facts,
    Level,
    Outcome,
    Review,
    Versions,
    events_of,
    facts_of,
)
from staff.guards import broken_history

_MEMBERS_AT_ONCE = 1000
_SHAPES: tuple[tuple[type[Model], Any], ...] = ((TierReached, Level), (TierReview, Review))


def broken_levels() -> Iterator[str]:
    """A Chinese sentence per level, review or decision that the facts do not give."""
    for model in (TierReached, TierReview, LegacyConfirmation):
        called = f"{model._meta.verbose_name} {{}}"
        yield from broken_history(model._meta.db_table, called)
    versions = Versions()
    last = 0
    while members := list(
        Membership.objects.filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", "patient_id", "number")[:_MEMBERS_AT_ONCE]
    ):
        last = members[-1][0]
        yield from _broken(members, versions)
    yield from _broken_decisions()


def _broken(members: list[tuple[int, int, str]], versions: Versions) -> Iterator[str]:
    files = [file_id for _, file_id, _ in members]
    facts = facts_of(files)
    events = _grouped(events_of(files))
    stored = {model: _stored(model, shape, members) for model, shape in _SHAPES}
    for pk, file_id, number in members:
        expected = _expected(
            facts, file_id, [Event(file_id, *row) for row in events[file_id]], versions
        )
        for place, (model, _) in enumerate(_SHAPES):
            rows = stored[model].get(pk, [])
            wanted: dict[int | None, Collection[Any]] = {
                cause: outcome[place] for cause, outcome in expected.items()
            }
            yield from _compared(number, model, wanted, rows)


def _expected(
    facts: Facts, file_id: int, events: Iterable[Event], versions: Versions
) -> dict[int | None, Outcome]:
    """What holds (None), and what each event set aside, by its entry."""
    expected: dict[int | None, Outcome] = {None: facts.outcome(file_id, NOW, versions)}
    for event in events:
        before = facts.outcome(file_id, event.begins_at - MOMENT, versions)
        after = facts.outcome(file_id, event.ends_at, versions)
        expected[event.entry_id] = Outcome(
            list((Counter(before.levels) - Counter(after.levels)).elements()),
            list((Counter(before.reviews) - Counter(after.reviews)).elements()),
        )
    return expected


def _compared(
    number: str,
    model: type[Model],
    expected: dict[int | None, Collection[Any]],
    stored: list[Any],
) -> Iterator[str]:
    missing = Counter((cause, row) for cause, rows in expected.items() for row in rows)
    name = model._meta.verbose_name
    for pk, cause, *values in stored:
        row = (cause, tuple(values))
        if missing[row]:
            missing[row] -= 1
        else:
            yield f"{name} {pk}（会员号 {number}，{row[1]}）：与流水推算的不符"
    for _, row in missing.elements():
        yield f"会员号 {number}：按流水推算应有{name} {tuple(row)}，没有找到"


def _stored(
    model: Any, shape: Any, members: Iterable[tuple[int, int, str]]
) -> dict[int, list[Any]]:
    keys = [pk for pk, _, _ in members]
    rows = model.objects.filter(membership__in=keys).order_by("membership_id", "pk")
    return _grouped(rows.values_list("membership_id", "pk", "restated_by_id", *shape._fields))


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Any]]:
    ordered = sorted(rows, key=itemgetter(0))
    groups = groupby(ordered, itemgetter(0))
    found: dict[int, list[Any]] = defaultdict(list)
    found.update((key, [row[1:] for row in group]) for key, group in groups)
    return found


def _broken_decisions() -> Iterator[str]:
    # A question that was set aside unanswered may be answered where it was asked again.
    unanswered = Q(decision="", restated_by__isnull=False)
    reviews = TierReview.objects.exclude(Q(decision=F("approval__decision")) | unanswered)
    for review in reviews.select_related("membership"):
        yield f"级别复核 {review.pk}（会员号 {review.membership.number}）：决定与审批不同"
    words = LegacyConfirmation.objects.exclude(decision=F("approval__decision"))
    for word in words:
        yield f"原积分确认 {word.pk}：决定与审批不同"
