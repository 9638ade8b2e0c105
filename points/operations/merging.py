"""Two files become one, ledgers and levels included; or part again (C40)."""

from datetime import datetime

from members.models import FileMerge, Patient
from members.operations.merging import link, unlink
from points.models import PointsAccount, PointsEntry
from points.operations import ledger
from points.operations.levels import lock_accounts
from points.operations.restating import restate
from points.queries.merging import Share, share_of
from scheme.queries import rules_on
from staff.exceptions import Refusal
from staff.models import User
from staff.operations.approvals import decide
from staff.refusals import operation
from staff.rules import business_day


@operation
def decide_merge(
    *, merge_id: int, approve: bool, sentence: str, by: User, now: datetime
) -> FileMerge:
    """A manager's word on a merge; approved, all points stand on the kept file.

    Levels and reviews become those of one person with both histories. Raises Refusal 409 when
    decided already, for the requester, or when the files can't be merged any more; 422 without a
    sentence.
    """
    merge = _locked(merge_id)
    _decide(merge.approval_id, approve, sentence, by, now)
    if approve:
        link(merge=merge, now=now)
        lock_accounts([merge.kept_id, merge.absorbed_id])
        account = PointsAccount.objects.filter(pk=merge.absorbed_id).first()
        share = Share(account.cumulative, account.available) if account else Share(0, 0)
        causes = _hand_over(merge, share, by, now)
        restate(causes=causes, by=by, now=now)
    return merge


@operation
def decide_undo(
    *,
    merge_id: int,
    approve: bool,
    sentence: str,
    by: User,
    now: datetime,
    approval_id: int | None = None,
) -> FileMerge:
    """A manager's word on taking a merge back; approved, each file has what its papers give.

    `approval_id` is the request that was looked at, None for the one that stands. Raises Refusal
    as `decide_merge` does, and 409 when a later request has taken its place.
    """
    merge = _locked(merge_id)
    assert merge.undo_approval_id, "somebody asked"
    if approval_id not in (None, merge.undo_approval_id):
        raise Refusal("request_replaced", 409, "这项申请已由后来的申请代替，请在待审批中打开那一项")
    _decide(merge.undo_approval_id, approve, sentence, by, now)
    if approve:
        unlink(merge=merge, now=now)
        lock_accounts([merge.kept_id, merge.absorbed_id])
        going = Patient.objects.filter(merged_into=merge.absorbed_id).values_list("pk", flat=True)
        share = share_of([merge.absorbed_id, *going])
        causes = _hand_over(merge, share, by, now, back=True)
        restate(causes=causes, by=by, now=now)
    return merge


def _locked(merge_id: int) -> FileMerge:
    found = FileMerge.objects.select_for_update(of=("self",)).filter(pk=merge_id).first()
    if found is None:
        raise Refusal("unknown_merge", 404, "没有这次合并，请刷新页面")
    return found


def _decide(approval_id: int, approve: bool, sentence: str, by: User, now: datetime) -> None:
    decision = FileMerge.Decision.APPROVE if approve else FileMerge.Decision.REFUSE
    decide(
        approval_id=approval_id,
        decision=decision.value,
        sentence=sentence,
        by=by,
        now=now,
    )


def _hand_over(
    merge: FileMerge, share: Share, by: User, now: datetime, *, back: bool = False
) -> dict[int, int | None]:
    """Move the absorbed file's share to the kept file, or back; the entries by account."""
    rules = rules_on(business_day(now))
    if rules is None:
        raise Refusal("no_scheme", 409, "会员方案尚未开始，还不能合并积分")
    what = "unmerge" if back else "merge"
    giver, taker = (
        (merge.kept_id, merge.absorbed_id) if back else (merge.absorbed_id, merge.kept_id)
    )
    causes: dict[int, int | None] = {}
    for account_id, kind, sign in (
        (giver, PointsEntry.Kind.MERGE_OUT, -1),
        (taker, PointsEntry.Kind.MERGE_IN, 1),
    ):
        entry = ledger.NewEntry(
            account_id=account_id,
            kind=kind,
            cumulative_delta=sign * share.cumulative,
            available_delta=sign * share.available,
            occurred_at=now,
            reference=f"{what}:{merge.pk}:{kind.value.removeprefix('merge_')}",
            scheme_id=rules.stored_id,
        )
        causes[account_id] = ledger.post(entries=[entry], by=by)[entry.reference].entry_id
    return causes
