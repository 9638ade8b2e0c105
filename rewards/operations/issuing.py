"""Handing over gifts at the till (R38, R51, R66)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from members.models import Membership
from rewards.exceptions import not_a_gift, nothing_chosen
from rewards.models import GiftChange, Issue
from rewards.operations.entitled import locked_entitlements
from rewards.operations.proof import Proven, keep_proof
from rewards.queries.issuing import Change, ThingKey, items_of, latest_changes
from rewards.rules import Entitlement, Key
from rewards.rules.proof import Proof
from scheme.models import Item
from staff.exceptions import Refusal
from staff.models import User
from staff.operations.approvals import withdraw
from staff.refusals import operation


@operation
def issue_gifts(
    *,
    membership: Membership,
    keys: Sequence[Key],
    proof: Proof,
    by: User,
    now: datetime,
    changes: Collection[int] = (),
) -> list[Issue]:
    """Hand over these open gifts, all or none; `changes` are agreed requests for other ones.

    `membership` is that of the root file. What was asked for a gift that is now handed over as it
    is, is withdrawn. Raises Refusal 422 where nothing is chosen or proven, 409 where one of them is
    no gift, taken, lapsed or under review, or its exchange isn't agreed.
    """
    if not keys:
        raise nothing_chosen()
    found = locked_entitlements(membership=membership, keys=keys, now=now)
    if any(each.kind != "gift" for each in found):
        raise not_a_gift()
    asked = latest_changes(membership.pk)
    agreed = _agreed(asked, changes, {each.key[:3] for each in found})
    items = items_of({each.item for each in found})
    proven = keep_proof(patient=membership.patient, proof=proof, by=by, now=now)
    rows = [_issue(each, membership, items, agreed, proven, by, now) for each in found]
    issued = Issue.objects.bulk_create(rows)
    _withdraw_needless(asked, rows, by, now)
    return issued


def _issue(
    each: Entitlement,
    membership: Membership,
    items: Mapping[str, Item],
    agreed: Mapping[ThingKey, GiftChange],
    proven: Proven,
    by: User,
    now: datetime,
) -> Issue:
    change = agreed.get(each.key[:3])
    item = items[each.item]
    return Issue(
        membership=membership,
        item=item,
        period=each.period,
        ordinal=each.ordinal,
        given_item=change.other_item if change else item,
        change=change,
        issued_at=now,
        by=by,
        **proven,
    )


def _agreed(
    asked: Mapping[ThingKey, Change], changes: Collection[int], chosen: Collection[ThingKey]
) -> dict[ThingKey, GiftChange]:
    """The agreed exchanges that were named. Raises Refusal 409 where one of them isn't agreed."""
    found = {
        key: change.row
        for key, change in asked.items()
        if change.row.pk in changes and change.is_agreed and key in chosen
    }
    if len(found) != len(set(changes)):
        message = "换发其他礼品没有有效的批准，可能已经用过或另有新的申请，请刷新页面后核对"
        raise Refusal("change_not_agreed", 409, message, "gifts")
    return found


def _withdraw_needless(
    asked: Mapping[ThingKey, Change], rows: Sequence[Issue], by: User, now: datetime
) -> None:
    done = {(row.item.code, row.period, row.ordinal) for row in rows}
    for key in done & asked.keys():
        if asked[key].is_waiting:
            approval_id = asked[key].row.approval_id
            withdraw(approval_id=approval_id, reason="已按应领的礼品发放", by=by, now=now)
