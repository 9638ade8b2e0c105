"""Levels and reviews made what the history gives, after it went on or was put right."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from members.models import Membership
from points.models import TierReached, TierReview
from points.queries.replay import (
    NOW,
    Facts,
    Level,
    Outcome,
    Review,
    Versions,
    entries_at,
    facts_of,
)
from points.rules import review_summary
from scheme.queries import rules_on
from staff.models import Approval, User
from staff.operations.approvals import request_approval, withdraw
from staff.rules import business_day

_NEEDLESS = "积分更正后，这项复核不再需要"


def restate(*, causes: Mapping[int, int | None], by: User, now: datetime) -> None:
    """Make levels and reviews what they would be if the history had always been what it is now.

    `causes` names for each patient the entry that changed the history afterwards; None where it
    only went on. Rows that no longer follow stay, marked with that entry; a request that nobody
    needs to decide any more is withdrawn. The caller's transaction holds the accounts.
    """
    found = Membership.objects.filter(patient__in=causes).select_related("patient")
    members = {member.patient_id: member for member in found}
    if not members:
        return
    facts = facts_of(members.keys())
    outcomes = _outcomes(members, facts)
    stale = [
        approval
        for file_id, member in members.items()
        for approval in _set_aside(member, outcomes[file_id].reviews, causes[file_id])
    ]
    for file_id, member in members.items():
        _open(member, outcomes[file_id].reviews, now)
    # Once more: what a review took back points at the review's own row.
    for file_id, outcome in _outcomes(members, facts_of(members.keys())).items():
        _settle(members[file_id], outcome.levels, causes[file_id])
    _withdraw_needless(stale, by, now)


def _outcomes(files: Mapping[int, Membership], facts: Facts) -> dict[int, Outcome]:
    versions = Versions()
    return {file_id: facts.outcome(file_id, NOW, versions) for file_id in files}


def _set_aside(member: Membership, expected: Sequence[Review], entry_id: int | None) -> list[int]:
    """Mark the reviews that no longer follow; their approvals."""
    rows = TierReview.objects.live().filter(membership=member)
    stored = {row[0]: row[1:] for row in rows.values_list("pk", "approval_id", *Review._fields)}
    stale = {pk: row[0] for pk, row in stored.items() if Review(*row[1:]) not in expected}
    if stale:
        assert entry_id, "a history that only goes on gives what it gave"
        TierReview.objects.filter(pk__in=stale).update(restated_by=entry_id)
    return list(stale.values())


def _open(member: Membership, expected: Sequence[Review], now: datetime) -> None:
    live = TierReview.objects.live().filter(membership=member)
    stored = [Review(*row) for row in live.values_list(*Review._fields)]
    for review in expected:
        if review in stored:
            continue
        earlier = _earlier(review)
        TierReview.objects.create(
            approval=earlier.approval if earlier else _request(member, review, now),
            membership=member,
            entry_id=review.entry_id,
            tier=review.tier,
            supported_tier=review.supported_tier,
            decision=earlier.decision if earlier else "",
            decided_at=earlier.decided_at if earlier else None,
        )


def _earlier(review: Review) -> TierReview | None:
    """The same question, asked before and set aside since: its answer holds again.

    Also where the receipt came by way of others, who were never asked.
    """
    asked = TierReview.objects.filter(
        entry__in=entries_at(review.entry_id),
        tier=review.tier,
        supported_tier=review.supported_tier,
    )
    live = TierReview.objects.live().values("approval")
    free = asked.exclude(restated_by=None).exclude(approval__in=live)
    return free.filter(approval__withdrawn_at=None).order_by("-pk").first()


def _request(member: Membership, review: Review, now: datetime) -> Approval:
    rules = rules_on(business_day(now))
    assert rules, "a member was enrolled under some version"
    supported = rules.tier(review.supported_tier).name if review.supported_tier else ""
    return request_approval(
        kind=Approval.Kind.TIER_REVIEW,
        summary=review_summary(
            name=member.patient.name,
            number=member.number,
            held=rules.tier(review.tier).name,
            supported=supported,
        ),
        by=User.objects.get(pk=review.approval__requested_by),
        now=now,
    )


def _settle(member: Membership, expected: Sequence[Level], entry_id: int | None) -> None:
    live = TierReached.objects.filter(membership=member, restated_by=None)
    stored = {row[0]: Level(*row[1:]) for row in live.values_list("pk", *Level._fields)}
    missing = list((Counter(expected) - Counter(stored.values())).elements())
    wanted = Counter(expected)
    stale = []
    for pk, level in stored.items():
        if wanted[level]:
            wanted[level] -= 1
        elif entry_id is None and (taken_back := _taken_back(level, missing)):
            missing.remove(taken_back)
            TierReached.objects.filter(pk=pk).update(withdrawn_by=taken_back.withdrawn_by_id)
        else:
            stale.append(pk)
    if stale:
        assert entry_id, "a history that only goes on gives what it gave"
        TierReached.objects.filter(pk__in=stale).update(restated_by=entry_id)
    rows = [TierReached(membership=member, **level._asdict()) for level in missing]
    TierReached.objects.bulk_create(rows)


def _taken_back(level: Level, missing: Sequence[Level]) -> Level | None:
    """The same level as the review just decided has left it, if that is what is missing."""
    if level.withdrawn_by_id is not None:
        return None
    found = (other for other in missing if other._replace(withdrawn_by_id=None) == level)
    return next(found, None)


def _withdraw_needless(approvals: Sequence[int], by: User, now: datetime) -> None:
    needed = TierReview.objects.live().filter(approval__in=approvals).values("approval")
    for approval in Approval.objects.waiting().filter(pk__in=approvals).exclude(pk__in=needed):
        withdraw(approval_id=approval.pk, reason=_NEEDLESS, by=by, now=now)
