from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from points.models import PointsAccount, TierReached
from points.queries import Standing
from points.queries.replay import level_of
from points.rules import PostedReceipt, levels_reached


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
            levels = (level_of(cause, cause.day)._asdict() for cause in causes)
            rows += [TierReached(membership_id=stand.membership_id, **level) for level in levels]
    if rows:
        TierReached.objects.bulk_create(rows)
    return {row.entry_id: row.tier for row in rows}


def lock_accounts(patient_ids: Collection[int]) -> None:
    """Hold off every posting to these patients' accounts until the transaction ends."""
    accounts = PointsAccount.objects.select_for_update(of=("self",))
    list(accounts.filter(pk__in=patient_ids).order_by("pk"))


def reached_by(entry_ids: Iterable[int]) -> dict[int, str]:
    """The tier that each of these entries reached when it was posted, by entry."""
    rows = TierReached.objects.filter(entry__in=list(entry_ids), at_enrolment=False)
    # What a later correction made of it comes later and is told before what was told then.
    return dict(rows.order_by("-pk").values_list("entry_id", "tier"))
