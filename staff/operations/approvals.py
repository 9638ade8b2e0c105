from datetime import datetime

from staff.exceptions import Refusal
from staff.models import Approval, User
from staff.refusals import operation


@operation
def request_approval(*, kind: Approval.Kind, summary: str, by: User, now: datetime) -> Approval:
    """Put a request into the approvals inbox; somebody other than `by` decides it."""
    return Approval.objects.create(kind=kind, summary=summary, requested_by=by, requested_at=now)


@operation
def decide(*, approval_id: int, decision: str, sentence: str, by: User, now: datetime) -> Approval:
    """Record the decision on a waiting request.

    Refuses with 409 when it was already decided or withdrawn or when `by` is the requester, 422
    without a sentence.
    """
    sentence = sentence.strip()
    if not sentence:
        raise Refusal("required", 422, "请写明审批意见", "sentence")
    approval = _waiting(approval_id)
    approval.decided_by = by
    approval.decided_at = now
    approval.decision = decision
    approval.sentence = sentence
    approval.save(update_fields=["decided_by", "decided_at", "decision", "sentence"])
    return approval


@operation
def withdraw(*, approval_id: int, reason: str, by: User, now: datetime) -> Approval:
    """Take a waiting request back, which nobody needs to decide any more.

    Refuses with 409 when it was already decided or withdrawn.
    """
    approval = _waiting(approval_id)
    approval.withdrawn_by = by
    approval.withdrawn_at = now
    approval.withdrawn_reason = reason
    approval.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_reason"])
    return approval


def _waiting(approval_id: int) -> Approval:
    approval = Approval.objects.select_for_update(of=("self",)).get(pk=approval_id)
    if approval.decided_at is not None:
        raise Refusal("already_decided", 409, f"{approval.decided_by} 已作出决定，不能再改")
    if approval.withdrawn_at is not None:
        message = f"这项申请已撤回，不需要再决定：{approval.withdrawn_reason}"
        raise Refusal("already_withdrawn", 409, message)
    return approval
