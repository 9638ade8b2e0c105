"""What a manager sees of each kind of request, and what was decided lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.paginator import Page, Paginator
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from desk.queries.merging import REASONS, Side, side
from desk.queries.positions import LevelReached, level_reached
from members.models import FileMerge, Membership, Patient
from members.queries.merging import merge_of_request, reasons_for
from points.models import (
    LegacyBalance,
    LegacyConfirmation,
    PointsEntry,
    TierReached,
    TierReview,
)
from points.queries import standing
from points.queries.merging import MergePreview, Parted, merge_preview, undo_preview
from rewards.models import GiftChange, Issue
from rewards.queries.issuing import at_stake
from scheme.models import Scheme
from scheme.queries import rules_on
from scheme.rules import TierRule
from staff.models import Approval, User

_REFUNDS_SHOWN = 20
_BALANCES_A_PAGE = 100
_WITHDRAWN = "已撤回"
_DECISIONS: Mapping[str, Mapping[str, str]] = {
    Approval.Kind.TIER_REVIEW: dict(TierReview.Decision.choices),
    Approval.Kind.SCHEME: dict(Scheme.Decision.choices),
    Approval.Kind.MERGE: dict(FileMerge.Decision.choices),
    Approval.Kind.UNMERGE: dict(FileMerge.Decision.choices),
    Approval.Kind.LEGACY_POINTS: dict(LegacyConfirmation.Decision.choices),
    Approval.Kind.GIFT_CHANGE: dict(GiftChange.Decision.choices),
}


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """What a manager needs to decide on a level that lost its ground (C18); points throughout.

    `supports` is the level that the points of now support, empty when it is less than joining
    takes; `refunds` are the member's refunds, the newest first, of which `cause` opened it; `gifts`
    were handed over for what would be lost.
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
    gifts: list[Issue]

    @property
    def membership(self) -> Membership:
        return self.review.membership


def review_page(approval: Approval, today: date) -> ReviewPage | None:
    """The review behind a request; None when it is a request of another kind."""
    found = TierReview.objects.select_related("membership__patient", "entry__by")
    # The newest is the one that holds; earlier ones were set aside by corrections.
    review = found.filter(approval=approval).order_by("pk").last()
    rules = rules_on(today)
    if review is None or rules is None:
        return None
    stand = standing(review.membership.patient_id)
    supported = stand.supported_tier(rules)
    supported_code = supported.code if supported else ""
    reached = TierReached.objects.filter(membership=review.membership_id, tier=review.tier)
    row = reached.order_by("-pk").first()
    return ReviewPage(
        review=review,
        held=rules.tier(review.tier).name,
        supports=supported.name if supported else "",
        supports_code=supported_code,
        lowest=rules.tiers[0].name,
        cumulative=stand.cumulative,
        level=level_reached(row, rules) if row else None,
        cause=review.entry,
        refunds=_refunds(stand.patient_id),
        gifts=at_stake(review.membership_id, supported=supported_code, held=review.tier),
    )


def _refunds(patient_id: int) -> list[PointsEntry]:
    entries = PointsEntry.objects.filter(account=patient_id, kind=PointsEntry.Kind.REFUND)
    return list(entries.select_related("by").order_by("-seq")[:_REFUNDS_SHOWN])


@dataclass(frozen=True, slots=True)
class MergePage:
    """What a manager needs to decide on a merge: both files, and what they come to as one.

    `sides` and `preview` are there while the request waits; the kept file comes first.
    """

    merge: FileMerge
    shared: tuple[str, ...]
    sides: tuple[Side, ...] = ()
    preview: MergePreview | None = None
    tier: TierRule | None = None
    can_enrol: bool = False


def merge_page(approval: Approval, today: date) -> MergePage | None:
    """The merge behind a request; None when there is none."""
    merge = merge_of_request(approval)
    if merge is None:
        return None
    reasons = reasons_for(merge.kept, merge.absorbed)
    shared = tuple(REASONS[reason] for reason in reasons)
    if not approval.is_waiting or merge.kept.merged_into_id or merge.absorbed.merged_into_id:
        return MergePage(merge, shared)
    preview, rules = merge_preview(merge.kept_id, merge.absorbed_id), rules_on(today)
    return MergePage(
        merge=merge,
        shared=shared,
        sides=(side(merge.kept, today=today), side(merge.absorbed, today=today)),
        preview=preview,
        tier=rules.tier(preview.tier) if rules and preview.tier else None,
        can_enrol=preview.can_enrol(rules) if rules else False,
    )


@dataclass(frozen=True, slots=True)
class UndoPage:
    """What a manager needs to decide on taking a merge back; `kept` is there while it waits.

    `parts` says what each file would have then, the kept one first. `is_latest`: no later request
    about the same merge has taken this one's place.
    """

    approval: Approval
    merge: FileMerge
    kept: Side | None
    parts: Sequence[tuple[Patient, Parted, TierRule | None]] = ()

    @property
    def is_latest(self) -> bool:
        return self.merge.undo_approval_id == self.approval.pk


def undo_page(approval: Approval, today: date) -> UndoPage | None:
    """The merge that a request would take back; None when there is none."""
    merge = merge_of_request(approval)
    if merge is None:
        return None
    rules = rules_on(today)
    if not approval.is_waiting or merge.kept.merged_into_id or rules is None:
        return UndoPage(approval, merge, None)
    parts = [
        (file, part, rules.tier(part.tier) if part.tier else None)
        for file, part in zip((merge.kept, merge.absorbed), undo_preview(merge), strict=True)
    ]
    return UndoPage(approval, merge, side(merge.kept, today=today), parts)


@dataclass(frozen=True, slots=True)
class LegacyPage:
    """What a manager needs to confirm the points of the system before (R3); points throughout."""

    confirmation: LegacyConfirmation
    people: int
    total: int
    balances: Page[LegacyBalance]


def legacy_page(approval: Approval, number: str) -> LegacyPage | None:
    """The file of points behind a request, the largest balances first; None without one."""
    found = LegacyConfirmation.objects.select_related("imported_in__by")
    confirmation = found.filter(approval=approval).first()
    if confirmation is None:
        return None
    rows = LegacyBalance.objects.filter(imported_in=confirmation.imported_in)
    listed = rows.select_related("patient").order_by("-points", "pk")
    balances = Paginator(listed, _BALANCES_A_PAGE).get_page(number)
    total = rows.aggregate(total=Sum("points"))["total"] or 0
    return LegacyPage(confirmation, balances.paginator.count, total, balances)


@dataclass(frozen=True, slots=True)
class Decided:
    """A request that is over: decided or withdrawn, by whom, when and why."""

    approval: Approval
    decision: str

    @property
    def by(self) -> User | None:
        return self.approval.decided_by or self.approval.withdrawn_by

    @property
    def at(self) -> datetime | None:
        return self.approval.decided_at or self.approval.withdrawn_at

    @property
    def sentence(self) -> str:
        return self.approval.sentence or self.approval.withdrawn_reason


def recently_decided(count: int = 20) -> list[Decided]:
    """The latest decisions and withdrawals, the newest first."""
    done = Approval.objects.exclude(Q(decided_at=None) & Q(withdrawn_at=None))
    people = ("requested_by", "decided_by", "withdrawn_by")
    latest = done.order_by(Coalesce("decided_at", "withdrawn_at").desc(), "-pk")
    return [Decided(row, decision_text(row)) for row in latest.select_related(*people)[:count]]


def decision_text(approval: Approval) -> str:
    """What was decided, in Chinese; empty while nothing is."""
    if approval.withdrawn_at:
        return _WITHDRAWN
    return _DECISIONS[approval.kind].get(approval.decision, approval.decision)
