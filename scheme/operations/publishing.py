from datetime import date, datetime

from scheme.models import Scheme
from scheme.operations.consistency import refuse_faults
from scheme.queries import read_rules
from scheme.rules import canonical_text
from staff.exceptions import Refusal
from staff.models import Approval, User
from staff.operations.approvals import decide, request_approval, withdraw
from staff.refusals import operation
from staff.rules import business_day, digest_of


@operation
def request_publication(*, draft_id: int, by: User, now: datetime) -> Approval:
    """Ask for a draft to be published; until that is decided or withdrawn, it does not change.

    Refuses with 404 an unknown draft, with 409 one that is published, waits already or would
    begin before today, with 422 one that contradicts itself.
    """
    draft = locked_draft(draft_id)
    refuse_waiting(draft)
    refuse_past(draft.effective_from, now)
    rules = read_rules(draft)
    refuse_faults(rules)
    draft.content = canonical_text(rules)
    draft.content_digest = digest_of(draft.content)
    draft.approval = request_approval(
        kind=Approval.Kind.SCHEME, summary=f"发布规则版本：{draft}", by=by, now=now
    )
    draft.save()
    return draft.approval


@operation
def decide_publication(
    *, draft_id: int, decision: Scheme.Decision, sentence: str, by: User, now: datetime
) -> Scheme:
    """Publish what was asked for, or decline it; a declined draft can be edited again.

    Refuses with 409 when it was decided or withdrawn meanwhile, when the draft is no longer what
    was asked for or would begin before today; with 422 when `by` asked for it.
    """
    draft = locked_draft(draft_id)
    if draft.approval_id is None:
        raise Refusal("not_asked", 409, f"还没有人申请发布“{draft}”")
    approval = decide(
        approval_id=draft.approval_id, decision=decision, sentence=sentence, by=by, now=now
    )
    if decision == Scheme.Decision.DECLINE:
        return draft
    refuse_past(draft.effective_from, now)
    _refuse_other_content(draft)
    draft.approval = approval
    return seal(draft, by=by, now=now)


@operation
def withdraw_publication(*, draft_id: int, by: User, now: datetime) -> Approval:
    """Take back one's own request to publish a draft, which can then be edited again.

    Refuses with 403 when somebody else asked, with 409 when it was decided meanwhile.
    """
    draft = locked_draft(draft_id)
    asked = draft.approval
    if asked is None:
        raise Refusal("not_asked", 409, f"还没有人申请发布“{draft}”")
    if asked.requested_by_id != by.pk:
        message = f"这是{asked.requested_by}的申请，只能由本人撤回"
        raise Refusal("not_own_request", 403, message)
    return withdraw(approval_id=asked.pk, reason="申请人撤回", by=by, now=now)


@operation
def publish(*, scheme: Scheme, requested_by: User, decided_by: User, now: datetime) -> Scheme:
    """Publish a draft that two people stand for; from then on it never changes.

    Refuses with 409 when it is published already or would have begun before today, with 422 when
    both are the same person.
    """
    request_publication(draft_id=scheme.pk, by=requested_by, now=now)
    return decide_publication(
        draft_id=scheme.pk,
        decision=Scheme.Decision.PUBLISH,
        sentence="同意发布",
        by=decided_by,
        now=now,
    )


def locked_draft(draft_id: int) -> Scheme:
    """The draft, locked for this transaction; refuses with 404, or 409 once it is published."""
    draft = Scheme.objects.select_for_update(of=("self",)).filter(pk=draft_id).first()
    if draft is None:
        raise Refusal("unknown_draft", 404, "没有这份草稿，可能已被删除")
    if draft.published_at is not None:
        raise Refusal("scheme_published", 409, f"规则版本“{draft}”已发布，不能再次发布或修改")
    return draft


def refuse_waiting(draft: Scheme) -> None:
    """What somebody is to decide on stays as it was asked for."""
    if draft.is_waiting:
        sentence = f"“{draft}”正在等待审批，不能修改；要修改请先撤回申请"
        raise Refusal("scheme_waiting", 409, sentence)


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


def _refuse_other_content(draft: Scheme) -> None:
    if digest_of(canonical_text(read_rules(draft))) != draft.content_digest:
        sentence = f"“{draft}”的内容与申请发布时不同，请由申请人撤回后重新申请"
        raise Refusal("scheme_not_as_asked", 409, sentence)
