from datetime import datetime

from django.db.models.functions import Now

from points.models import TierReview
from points.operations.levels import lock_accounts
from points.operations.restating import restate
from staff.models import User
from staff.operations.approvals import decide
from staff.refusals import operation


@operation
def decide_review(
    *, review_id: int, decision: TierReview.Decision, sentence: str, by: User, now: datetime
) -> TierReview:
    """A manager's word on a level that lost its ground: keep it, or take it back (C18).

    Taken back, the member has the level that the points of now support, at least the lowest:
    membership is for life (R5). Raises Refusal 409 when decided already, when a correction made
    it needless, or for the requester.
    """
    review = TierReview.objects.select_related("membership__patient").get(pk=review_id)
    patient_id = review.membership.patient_id
    lock_accounts([patient_id])
    decide(
        approval_id=review.approval_id,
        decision=decision.value,
        sentence=sentence,
        by=by,
        now=now,
    )
    TierReview.objects.live().filter(approval=review.approval_id).update(
        decision=decision, decided_at=Now()
    )
    restate(causes={patient_id: None}, by=by, now=now)
    review.refresh_from_db()
    return review
