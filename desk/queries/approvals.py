from dataclasses import dataclass
from datetime import date

from desk.queries.positions import LevelReached, level_reached
from points.models import PointsEntry, TierReached, TierReview
from points.queries import standing
from scheme.queries import rules_on
from staff.models import Approval

_REFUNDS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """What a manager needs to decide on a level that lost its ground (C18); points throughout.

    `supports` is the level that the points of now support, empty when it is less than joining
    takes; `refunds` are the member's refunds, the newest first, of which `cause` opened it.
    """

    review: TierReview
    held: str
    supports: str
    supports_code: str
    lowest: str
    cumulative: int
    level: LevelReached | None
    cause: PointsEntry
    refunds: list[PointsEntry]


def review_page(approval: Approval, today: date) -> ReviewPage | None:
    """The review behind a request; None when it is a request of another kind."""
    found = TierReview.objects.select_related("membership__patient", "entry__by")
    review = found.filter(approval=approval).first()
    rules = rules_on(today)
    if review is None or rules is None:
        return None
    stand = standing(review.membership.patient_id)
    supported = stand.supported_tier(rules)
    reached = TierReached.objects.filter(membership=review.membership_id, tier=review.tier)
    row = reached.order_by("-pk").first()
    return ReviewPage(
        review=review,
        held=rules.tier(review.tier).name,
        supports=supported.name if supported else "",
        supports_code=supported.code if supported else "",
        lowest=rules.tiers[0].name,
        cumulative=stand.cumulative,
        level=level_reached(row, rules) if row else None,
        cause=review.entry,
        refunds=_refunds(stand.patient_id),
    )


def _refunds(patient_id: int) -> list[PointsEntry]:
    entries = PointsEntry.objects.filter(account=patient_id, kind=PointsEntry.Kind.REFUND)
    return list(entries.select_related("by").order_by("-seq")[:_REFUNDS_SHOWN])


@dataclass(frozen=True, slots=True)
class Decided:
    """A request that was decided, with the decision in Chinese."""

    approval: Approval
    decision: str


def recently_decided(count: int = 20) -> list[Decided]:
    """The latest decisions, the newest first."""
    done = Approval.objects.exclude(decided_at=None).select_related("requested_by", "decided_by")
    return [Decided(row, decision_text(row)) for row in done.order_by("-decided_at", "-pk")[:count]]


def decision_text(approval: Approval) -> str:
    """What was decided, in Chinese; empty while nothing is."""
    if approval.kind == Approval.Kind.TIER_REVIEW and approval.decision:
        return str(TierReview.Decision(approval.decision).label)
    return "同意发布" if approval.decision == "publish" else approval.decision
