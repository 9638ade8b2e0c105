"""Two files made one, through the real operations."""

from django.utils import timezone

from members.models import FileMerge, Patient
from members.operations.merging import link, request_merge, request_undo, unlink
from points.operations.merging import decide_merge, decide_undo
from staff.models import User
from staff.operations.approvals import decide
from tests.factories.staff import user


def asked_merge(kept: Patient, absorbed: Patient, *, by: User | None = None) -> FileMerge:
    """A request that waits for a manager."""
    return request_merge(
        kept_number=kept.file_number,
        absorbed_number=absorbed.file_number,
        reason="同一人建了两份档案",
        by=by or user(),
        now=timezone.now(),
    )


def decided(approval_id: int, decision: str = "approve") -> None:
    """The word of somebody else than who asked, without what follows from it."""
    decide(
        approval_id=approval_id,
        decision=decision,
        sentence="已核对证件",
        by=user(),
        now=timezone.now(),
    )


def linked(kept: Patient, absorbed: Patient) -> FileMerge:
    """Two files merged, as far as the files go; points are another matter."""
    merge = asked_merge(kept, absorbed)
    decided(merge.approval_id)
    link(merge=merge, now=timezone.now())
    return merge


def asked_undo(merge: FileMerge, *, by: User | None = None) -> FileMerge:
    """A request to part them again."""
    return request_undo(
        merge_id=merge.pk, reason="原来是母女两人", by=by or user(), now=timezone.now()
    )


def unlinked(merge: FileMerge) -> FileMerge:
    """The files parted again, as far as the files go."""
    merge = asked_undo(merge)
    assert merge.undo_approval_id
    decided(merge.undo_approval_id)
    unlink(merge=merge, now=timezone.now())
    return merge


def merged(kept: Patient, absorbed: Patient) -> FileMerge:
    """Two files made one, with their points and levels."""
    merge = asked_merge(kept, absorbed)
    return decide_merge(
        merge_id=merge.pk, approve=True, sentence="已核对证件", by=user(), now=timezone.now()
    )


def unmerged(merge: FileMerge) -> FileMerge:
    """The files parted again, each with the points of its papers."""
    asked_undo(merge)
    return decide_undo(
        merge_id=merge.pk, approve=True, sentence="已核对证件", by=user(), now=timezone.now()
    )
