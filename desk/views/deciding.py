"""How each kind of request is shown to a manager and decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from desk.forms.approvals import (
    DecisionForm,
    GiftChangeDecisionForm,
    LegacyDecisionForm,
    MergeDecisionForm,
    PublicationDecisionForm,
    ReviewDecisionForm,
)
from desk.queries.approvals import (
    LegacyPage,
    MergePage,
    ReviewPage,
    UndoPage,
    legacy_page,
    merge_page,
    review_page,
    undo_page,
)
from desk.queries.gift_changes import GiftChangePage, gift_change_page
from members.models import FileMerge
from points.models import LegacyConfirmation, TierReview
from points.operations.changeover import run_due
from points.operations.legacy import decide_confirmation
from points.operations.merging import decide_merge, decide_undo
from points.operations.reviews import decide_review
from rewards.models import GiftChange
from rewards.operations.gift_changes import decide_change
from scheme.models import Scheme
from scheme.operations.publishing import decide_publication
from scheme.queries.drafts import DraftPage, publication_page
from staff.models import Approval, User
from staff.rules import business_day


@dataclass(frozen=True)
class Kind:
    """One kind of request.

    `page` reads what it takes to decide, None when nothing is behind the request; `decide` takes
    that page, the decision, the sentence, who and when. `above` and `below` are templates.
    """

    page: Callable[[Approval, HttpRequest], Any]
    form: type[DecisionForm]
    decide: Callable[[Any, str, str, User, datetime], object]
    permission: str
    above: str
    below: str = ""


def _review(page: ReviewPage, decision: str, sentence: str, by: User, now: datetime) -> None:
    decide_review(
        review_id=page.review.pk,
        decision=TierReview.Decision(decision),
        sentence=sentence,
        by=by,
        now=now,
    )


def _merge(page: MergePage, decision: str, sentence: str, by: User, now: datetime) -> None:
    approve = decision == FileMerge.Decision.APPROVE
    decide_merge(merge_id=page.merge.pk, approve=approve, sentence=sentence, by=by, now=now)


def _undo(page: UndoPage, decision: str, sentence: str, by: User, now: datetime) -> None:
    approve = decision == FileMerge.Decision.APPROVE
    decide_undo(
        merge_id=page.merge.pk,
        approval_id=page.approval.pk,
        approve=approve,
        sentence=sentence,
        by=by,
        now=now,
    )


def _legacy(page: LegacyPage, decision: str, sentence: str, by: User, now: datetime) -> None:
    decide_confirmation(
        confirmation_id=page.confirmation.pk,
        confirm=decision == LegacyConfirmation.Decision.CONFIRM,
        sentence=sentence,
        by=by,
        now=now,
    )


def _gift_change(
    page: GiftChangePage, decision: str, sentence: str, by: User, now: datetime
) -> None:
    approve = decision == GiftChange.Decision.APPROVE
    decide_change(change_id=page.change.pk, approve=approve, sentence=sentence, by=by, now=now)


def _publication(page: DraftPage, decision: str, sentence: str, by: User, now: datetime) -> None:
    decided = decide_publication(
        draft_id=page.scheme.pk,
        decision=Scheme.Decision(decision),
        sentence=sentence,
        by=by,
        now=now,
    )
    # A version that begins today may bring points over; one to come does so on its day.
    if decided.published_at and decided.effective_from <= business_day(now):
        run_due(now=now)


KINDS: Mapping[str, Kind] = {
    Approval.Kind.TIER_REVIEW: Kind(
        page=lambda asked, _: review_page(asked, timezone.localdate()),
        form=ReviewDecisionForm,
        decide=_review,
        permission="points.change_tierreview",
        above="desk/_tier_review.html",
        below="desk/_review_refunds.html",
    ),
    Approval.Kind.MERGE: Kind(
        page=lambda asked, _: merge_page(asked, timezone.localdate()),
        form=MergeDecisionForm,
        decide=_merge,
        permission="members.change_filemerge",
        above="desk/_merge_preview.html",
        below="desk/_merge_both.html",
    ),
    Approval.Kind.UNMERGE: Kind(
        page=lambda asked, _: undo_page(asked, timezone.localdate()),
        form=MergeDecisionForm,
        decide=_undo,
        permission="members.change_filemerge",
        above="desk/_undo_preview.html",
    ),
    Approval.Kind.SCHEME: Kind(
        page=lambda asked, _: publication_page(asked, today=timezone.localdate()),
        form=PublicationDecisionForm,
        decide=_publication,
        permission="scheme.publish_scheme",
        above="scheme/_publication.html",
    ),
    Approval.Kind.LEGACY_POINTS: Kind(
        page=lambda asked, request: legacy_page(asked, request.GET.get("page", "1")),
        form=LegacyDecisionForm,
        decide=_legacy,
        permission="points.change_legacyconfirmation",
        above="desk/_legacy_totals.html",
        below="desk/_legacy_balances.html",
    ),
    Approval.Kind.GIFT_CHANGE: Kind(
        page=lambda asked, _: gift_change_page(asked, timezone.localdate()),
        form=GiftChangeDecisionForm,
        decide=_gift_change,
        permission="rewards.change_giftchange",
        above="desk/_gift_change_asked.html",
    ),
}
