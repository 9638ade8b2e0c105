from datetime import date, datetime

from members.models import Membership
from points.models import TierReached, TierReview
from points.operations import levels
from points.queries import Standing, standing
from points.rules import LastReview, needs_review
from scheme.queries import rules_on
from scheme.rules import TierRule
from staff.exceptions import Refusal
from staff.models import Approval, User
from staff.operations.approvals import decide, request_approval
from staff.refusals import operation
from staff.rules import business_day


def open_if_unsupported(
    *, stand: Standing, entry_id: int, day: date, by: User, now: datetime
) -> TierReview | None:
    """Open a review when a member's level lost its ground (`points.rules.needs_review`, C18)."""
    rules = rules_on(day)
    if stand.membership_id is None or stand.tier is None or rules is None:
        return None
    supported = stand.supported_tier(rules)
    last = _last_review(stand.membership_id)
    if not needs_review(tier=stand.tier, rank=stand.rank, supported=supported, last=last):
        return None
    membership = Membership.objects.select_related("patient").get(pk=stand.membership_id)
    approval = request_approval(
        kind=Approval.Kind.TIER_REVIEW,
        summary=_summary(membership, rules.tier(stand.tier), supported),
        by=by,
        now=now,
    )
    return TierReview.objects.create(
        approval=approval,
        membership=membership,
        entry_id=entry_id,
        tier=stand.tier,
        supported_tier=supported.code if supported else "",
    )


def _last_review(membership_id: int) -> LastReview | None:
    last = TierReview.objects.filter(membership=membership_id).order_by("-pk").first()
    if last is None:
        return None
    kept = last.decision == TierReview.Decision.KEEP
    return LastReview(last.tier, last.supported_tier, waits=last.decision == "", kept=kept)


def _summary(membership: Membership, held: TierRule, supported: TierRule | None) -> str:
    left = f"只支持{supported.name}" if supported else "已低于入会标准"
    return (
        f"{membership.patient.name}（会员号 {membership.number}）退费后积分{left}，现为{held.name}"
    )


@operation
def decide_review(
    *, review_id: int, decision: TierReview.Decision, sentence: str, by: User, now: datetime
) -> TierReview:
    """A manager's word on a level that lost its ground: keep it, or take it back (C18).

    Taken back, the member has the level that the points of now support, at least the lowest:
    membership is for life (R5). Raises Refusal 409 when decided already, or for the requester.
    """
    review = TierReview.objects.select_related("membership").get(pk=review_id)
    if not sentence.strip():
        raise Refusal("required", 422, "请写明审批意见", "sentence")
    decide(
        approval_id=review.approval_id,
        decision=decision.value,
        sentence=sentence.strip(),
        by=by,
        now=now,
    )
    review.decision = decision
    review.save(update_fields=["decision"])
    if decision != TierReview.Decision.KEEP:
        _take_back(review, now)
    return review


def _take_back(review: TierReview, now: datetime) -> None:
    patient_id = review.membership.patient_id
    levels.lock_account(patient_id)
    stand = standing(patient_id)
    rules = rules_on(business_day(now))
    assert rules, "a member was enrolled under some version"
    left = stand.supported_tier(rules) or rules.tiers[0]
    if left.rank >= stand.rank:
        return
    held = TierReached.objects.filter(membership=review.membership_id, withdrawn_by=None)
    held.filter(rank__gt=left.rank).update(withdrawn_by=review)
    if not held.filter(tier=left.code).exists():
        levels.record_after_review(
            stand=stand, tier=left, rules=rules, entry_id=review.entry_id, day=business_day(now)
        )
