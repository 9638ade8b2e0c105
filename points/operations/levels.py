from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from points.models import PointsAccount, PointsEntry, Receipt, TierReached
from points.queries import Standing
from points.rules import Cause, OneTime, PostedReceipt, best, cause_of, levels_reached
from scheme.rules import OneTimeScope, Reached, Rules, TierRule, reached
from staff.rules import business_day


def raise_levels(
    *, stands: dict[int, Standing], posted: Mapping[int, Sequence[PostedReceipt]]
) -> dict[int, str]:
    """Record the levels that members' new receipts reach: the tier's code by entry.

    The caller's transaction holds the accounts. `stands` is brought up to date.
    """
    rows = []
    for patient_id, receipts in posted.items():
        stand = stands[patient_id]
        if stand.membership_id is None:
            continue
        causes = levels_reached(held_rank=stand.rank, visits=stand.visits, posted=receipts)
        if causes:
            top = causes[-1].tier
            stands[patient_id] = replace(stand, tier=top.code, rank=top.rank)
            rows += [_row(stand.membership_id, cause, cause.day) for cause in causes]
    if rows:
        TierReached.objects.bulk_create(rows)
    return {row.entry_id: row.tier for row in rows}


def record_at_enrolment(
    *, stand: Standing, membership_id: int, rules: Rules, signed_on: date
) -> str | None:
    """Record the level that follows from a new member's whole history; its code, or None."""
    one_time = best(stand.visits, rules.one_time_scope)
    found = reached(rules, one_time=one_time.points if one_time else 0, cumulative=stand.cumulative)
    if found is None:
        return None
    cause = _cause_in_history(stand.patient_id, found, one_time, rules)
    _row(membership_id, cause, signed_on, at_enrolment=True).save()
    return found.tier.code


def record_after_review(
    *, stand: Standing, tier: TierRule, rules: Rules, entry_id: int, day: date
) -> None:
    """Record the level that a member has after a review took a higher one back (C18)."""
    assert stand.membership_id is not None
    cause = Cause(
        tier=tier,
        path=TierReached.Path.REVIEW.value,
        entry_id=entry_id,
        scheme_id=rules.stored_id,
        day=day,
        points=stand.cumulative,
        yuan=None,
    )
    _row(stand.membership_id, cause, day).save()


def lock_account(patient_id: int) -> None:
    """Hold off every posting to the patient's account until the transaction ends."""
    list(PointsAccount.objects.select_for_update(of=("self",)).filter(pk=patient_id))


def _cause_in_history(
    patient_id: int, found: Reached, one_time: OneTime | None, rules: Rules
) -> Cause:
    if found.path == "one_time" and one_time:
        entry = _entry_of_visit(patient_id, one_time, rules.one_time_scope)
    else:
        entry = _entry_crossing(patient_id, found.tier.cumulative)
        one_time = OneTime(business_day(entry.occurred_at), 0, Decimal(0))
    return cause_of(
        found,
        one_time,
        entry_id=entry.pk,
        scheme_id=rules.stored_id,
        cumulative=entry.cumulative_after,
    )


def _entry_of_visit(patient_id: int, one_time: OneTime, scope: OneTimeScope) -> PointsEntry:
    """The entry that completed the day's sum, or that of the largest receipt of the day."""
    order = "-pk" if scope == "day" else "-net_points"
    receipts = Receipt.objects.filter(patient=patient_id, day=one_time.day, net_points__gt=0)
    receipt = receipts.order_by(order)[0]
    return PointsEntry.objects.get(reference=receipt.reference)


def _entry_crossing(patient_id: int, threshold: int) -> PointsEntry:
    entries = PointsEntry.objects.filter(account=patient_id, cumulative_after__gte=threshold)
    return entries.order_by("seq")[0]


def _row(
    membership_id: int, cause: Cause, reached_on: date, *, at_enrolment: bool = False
) -> TierReached:
    return TierReached(
        membership_id=membership_id,
        tier=cause.tier.code,
        rank=cause.tier.rank,
        path=cause.path,
        entry_id=cause.entry_id,
        scheme_id=cause.scheme_id,
        day=cause.day,
        points=cause.points,
        amount=cause.yuan,
        reached_on=reached_on,
        at_enrolment=at_enrolment,
    )


def reached_by(entry_ids: Iterable[int]) -> dict[int, str]:
    """The tier that each of these entries reached when it was posted, by entry."""
    rows = TierReached.objects.filter(entry__in=list(entry_ids), at_enrolment=False)
    return dict(rows.values_list("entry_id", "tier"))
