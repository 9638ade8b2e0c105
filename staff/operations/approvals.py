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

    Refuses with 409 when it was already decided or when `by` is the requester.
    """
    approval = Approval.objects.select_for_update(of=("self",)).get(pk=approval_id)
    if approval.decided_at is not None:
        raise Refusal("already_decided", 409, f"{approval.decided_by} 已作出决定，不能再改")
    approval.decided_by = by
    approval.decided_at = now
    approval.decision = decision
    approval.sentence = sentence
    approval.save(update_fields=["decided_by", "decided_at", "decision", "sentence"])
    return approval
