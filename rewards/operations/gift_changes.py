"""Another gift than the one that is due: asked for at the desk, decided by a manager (R66)."""

from datetime import datetime

from members.models import Membership
from points.operations.levels import lock_accounts
from rewards.exceptions import not_a_gift
from rewards.models import GiftChange
from rewards.operations.entitled import locked_entitlement
from rewards.queries.issuing import items_of, latest_changes
from rewards.rules import Key
from scheme.models import Item
from staff.exceptions import Refusal
from staff.models import Approval, User
from staff.operations.approvals import decide, request_approval, withdraw
from staff.refusals import operation
from staff.rules import text


@operation
def request_change(
    *, membership: Membership, key: Key, other: str, reason: str, by: User, now: datetime
) -> GiftChange:
    """Ask a manager for another gift (`other`: its code) in place of an open one.

    Raises Refusal 422 for a missing reason, an unknown or the same gift; 409 where the gift is not
    open or the same is asked already.
    """
    reason = text(reason, field="reason", label="换发原因", longest=200)
    found = locked_entitlement(membership=membership, key=key, now=now)
    if found.kind != "gift":
        raise not_a_gift()
    items = items_of([found.item, other])
    wanted = _other_gift(items.get(other), found.item)
    earlier = latest_changes(membership.pk).get(key[:3])
    if earlier and (earlier.is_waiting or earlier.is_agreed):
        state = "正在等待审批" if earlier.is_waiting else "已经批准，请直接发放"
        message = f"已申请换发{earlier.row.other_item}，{state}"
        raise Refusal("change_asked_already", 409, message)
    approval = request_approval(
        kind=Approval.Kind.GIFT_CHANGE,
        summary=f"{membership.patient.name}：{items[found.item]} 换成 {wanted}",
        by=by,
        now=now,
    )
    return GiftChange.objects.create(
        approval=approval,
        membership=membership,
        item=items[found.item],
        period=found.period,
        ordinal=found.ordinal,
        other_item=wanted,
        reason=reason,
    )


def _other_gift(wanted: Item | None, due: str) -> Item:
    if wanted is None or wanted.kind != "gift":
        raise Refusal("unknown_gift", 422, "请选择要换发的礼品", "other")
    if wanted.code == due:
        raise Refusal("same_gift", 422, f"{wanted}就是应领的礼品，不用换发", "other")
    return wanted


@operation
def decide_change(
    *, change_id: int, approve: bool, sentence: str, by: User, now: datetime
) -> GiftChange:
    """A manager's word on another gift; it is handed over at the desk afterwards.

    Raises Refusal 409 when decided or withdrawn already, when the gift is no longer open, or for
    the requester; 422 without a sentence.
    """
    change = GiftChange.objects.select_related("membership__patient", "item").get(pk=change_id)
    membership = change.membership
    if approve:
        key = (change.item.code, change.period, change.ordinal, None)
        locked_entitlement(membership=membership, key=key, now=now)
    else:
        lock_accounts([membership.patient.root_id])
    decision = GiftChange.Decision.APPROVE if approve else GiftChange.Decision.REFUSE
    decide(
        approval_id=change.approval_id, decision=decision.value, sentence=sentence, by=by, now=now
    )
    change.decision = decision
    change.save(update_fields=["decision"])
    return change


@operation
def withdraw_change(*, change_id: int, by: User, now: datetime) -> Approval:
    """Take back one's own request for another gift, while nobody has decided it.

    Raises Refusal 404 when there is none, 403 when somebody else asked, 409 when decided meanwhile.
    """
    change = GiftChange.objects.select_related("approval__requested_by").filter(pk=change_id)
    asked = change.first()
    if asked is None:
        raise Refusal("unknown_request", 404, "没有这项换发申请，请刷新页面")
    if asked.approval.requested_by_id != by.pk:
        message = f"这是{asked.approval.requested_by}的申请，只能由本人撤回"
        raise Refusal("not_own_request", 403, message)
    return withdraw(approval_id=asked.approval_id, reason="申请人撤回", by=by, now=now)
