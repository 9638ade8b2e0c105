from datetime import date, datetime

from scheme.models import Scheme
from scheme.queries import read_rules
from scheme.rules import canonical_text
from staff.exceptions import Refusal
from staff.models import Approval, User
from staff.operations.approvals import decide, request_approval
from staff.refusals import operation
from staff.rules import business_day, digest_of


@operation
def publish(*, scheme: Scheme, requested_by: User, decided_by: User, now: datetime) -> Scheme:
    """Publish a draft that two people stand for; from then on it never changes.

    Refuses with 409 when it is published already, when it would have begun before today, or
    when both are the same person.
    """
    draft = locked_draft(scheme)
    refuse_past(draft.effective_from, now)
    approval = request_approval(
        kind=Approval.Kind.SCHEME, summary=f"发布规则版本：{draft}", by=requested_by, now=now
    )
    draft.approval = decide(
        approval_id=approval.pk,
        decision="publish",
        sentence="同意发布",
        by=decided_by,
        now=now,
    )
    return seal(draft, by=decided_by, now=now)


def locked_draft(scheme: Scheme) -> Scheme:
    """The draft, locked for this transaction; refuses with 409 once it is published."""
    draft = Scheme.objects.select_for_update(of=("self",)).get(pk=scheme.pk)
    if draft.published_at is not None:
        raise Refusal("scheme_published", 409, f"规则版本“{draft}”已发布，不能再次发布")
    return draft


def refuse_past(effective_from: date, now: datetime) -> None:
    """A later version may not begin in the past: what was decided by then would change."""
    today = business_day(now)
    if effective_from < today and Scheme.objects.published().exists():
        sentence = f"生效日期 {effective_from} 已过，新版本最早从 {today} 起生效"
        raise Refusal("scheme_in_past", 409, sentence, "effective_from")


def seal(draft: Scheme, *, by: User, now: datetime) -> Scheme:
    """Write down what the rows say at this moment, and freeze them."""
    draft.content = canonical_text(read_rules(draft))
    draft.content_digest = digest_of(draft.content)
    draft.published_at = now
    draft.published_by = by
    draft.save()
    return draft
