"""The counter-entry of an issue, a claim or a use: what it took is due again."""

from datetime import datetime

from members.models import Membership
from points.operations.levels import lock_accounts
from rewards.models import Claim, Issue, Undoing, Use
from rewards.queries import entitlements_of_member
from rewards.queries.issuing import to_recover
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day, text


@operation
def undo(
    *,
    kind: Undoing.Kind,
    reason: str,
    by: User,
    now: datetime,
    issue: Issue | None = None,
    claim: Claim | None = None,
    use: Use | None = None,
) -> Undoing:
    """Take back one issue, claim or use, which stays on record with who, when and why.

    What it took is due again, unless its level is gone. Raises Refusal 422 for a missing reason,
    409 where it is undone already, where a claim was used, or where nothing is to be recovered.
    """
    reason = text(reason, field="reason", label="原因", longest=200)
    fact = issue or claim or use
    assert fact is not None
    membership = Membership.objects.select_related("patient").get(pk=fact.membership_id)
    lock_accounts([membership.patient.root_id])
    if issue and kind == Undoing.Kind.RETURNED:
        _check_to_recover(issue, membership, now)
    return Undoing.objects.create(
        kind=kind, issue=issue, claim=claim, use=use, reason=reason, undone_at=now, by=by
    )


def _check_to_recover(issue: Issue, membership: Membership, now: datetime) -> None:
    root = Membership.objects.get(patient=membership.patient.root_id)
    found = entitlements_of_member(root.pk, business_day(now))
    if issue not in to_recover(root.pk, found):
        message = "这件礼品不在应追回之列；登记有误的，请选“登记有误”"
        raise Refusal("not_to_recover", 409, message, "kind")
