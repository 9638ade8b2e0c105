"""Two files of one person made one, and parted again (C40)."""

from datetime import datetime

from django.db import connection
from django.db.models import Q

from members.exceptions import unknown_patient
from members.models import DistinctFiles, FileMerge, Membership, Patient
from members.queries.merging import live_below
from staff.exceptions import Refusal
from staff.models import Approval, User
from staff.operations.approvals import request_approval, withdraw
from staff.refusals import operation
from staff.rules import business_day, text

_MERGING = 7_003_005


@operation
def request_merge(
    *, kept_number: str, absorbed_number: str, reason: str, by: User, now: datetime
) -> FileMerge:
    """Ask for one file to go into another; a manager decides.

    Raises Refusal 404 for an unknown file; 409 when one of them is merged already, when the same
    is asked already, or when the file that would go is the member's; 422 for a missing reason.
    """
    reason = _reason(reason, "合并原因")
    kept, absorbed = _pair(kept_number, absorbed_number)
    _check_mergeable(kept, absorbed)
    _check_not_asked(kept, absorbed)
    approval = request_approval(
        kind=Approval.Kind.MERGE,
        summary=f"{kept.name}：档案 {absorbed.file_number} 并入 {kept.file_number}",
        by=by,
        now=now,
    )
    return FileMerge.objects.create(kept=kept, absorbed=absorbed, reason=reason, approval=approval)


@operation
def request_undo(*, merge_id: int, reason: str, by: User, now: datetime) -> FileMerge:
    """Ask for a merge to be taken back; a manager decides.

    Raises Refusal 404 for an unknown merge; 409 when it doesn't hold, when a later one must be
    taken back first, or when that is asked already; 422 for a missing reason.
    """
    reason = _reason(reason, "撤销原因")
    found = FileMerge.objects.select_for_update(of=("self",)).select_related(
        "kept", "absorbed", "undo_approval__requested_by"
    )
    merge = found.filter(pk=merge_id).first()
    if merge is None:
        raise Refusal("unknown_merge", 404, "没有这次合并，请刷新页面")
    _check_holds(merge)
    _check_last(merge.kept)
    if (asked := merge.undo_approval) and asked.is_waiting:
        message = f"{_said(asked)} 已申请撤销这次合并，正在等待审批"
        raise Refusal("undo_asked_already", 409, message)
    merge.undo_reason = reason
    merge.undo_approval = request_approval(
        kind=Approval.Kind.UNMERGE,
        summary=f"{merge.kept.name}：撤销档案 {merge.absorbed.file_number}"
        f" 并入 {merge.kept.file_number}",
        by=by,
        now=now,
    )
    merge.save(update_fields=["undo_reason", "undo_approval"])
    return merge


@operation
def withdraw_request(*, approval_id: int, by: User, now: datetime) -> Approval:
    """Take back one's own request to merge or to part, while nobody has decided it.

    Raises Refusal 404 when there is no such request, 403 when somebody else asked, 409 when it
    was decided meanwhile.
    """
    kinds = [Approval.Kind.MERGE, Approval.Kind.UNMERGE]
    asked = Approval.objects.filter(pk=approval_id, kind__in=kinds).first()
    if asked is None:
        raise Refusal("unknown_request", 404, "没有这项合并申请，请刷新页面")
    if asked.requested_by_id != by.pk:
        message = f"这是{asked.requested_by}的申请，只能由本人撤回"
        raise Refusal("not_own_request", 403, message)
    return withdraw(approval_id=approval_id, reason="申请人撤回", by=by, now=now)


@operation
def mark_distinct(*, file_numbers: tuple[str, str], reason: str, by: User) -> DistinctFiles:
    """Record that two files that look like one person's are two people's.

    The same again is the same record. Raises Refusal 404 for an unknown file, 409 while their
    merge is asked for or holds, 422 for a missing reason.
    """
    reason = _reason(reason, "依据")
    first, second = sorted(_pair(*file_numbers), key=lambda file: file.pk)
    _check_root(first)
    _check_root(second)
    _check_not_asked(first, second)
    given = {"reason": reason, "by": by}
    return DistinctFiles.objects.get_or_create(first=first, second=second, defaults=given)[0]


def link(*, merge: FileMerge, now: datetime) -> None:
    """Let `merge.absorbed` and all that was merged into it point at `merge.kept`.

    For the transaction that has approved it; locks the files. Raises Refusal 409 when the files
    have changed since the request so that they can't be merged any more.
    """
    _one_at_a_time()
    files = _locked(Q(pk__in=(merge.kept_id, merge.absorbed_id)) | Q(merged_into=merge.absorbed_id))
    _check_mergeable(files[merge.kept_id], files[merge.absorbed_id])
    merge.merged_at = now
    merge.save(update_fields=["merged_at"])
    going = Q(pk=merge.absorbed_id) | Q(merged_into=merge.absorbed_id)
    Patient.objects.filter(going).update(merged_into=merge.kept_id)


def unlink(*, merge: FileMerge, now: datetime) -> None:
    """Make `merge.absorbed` a file of its own again, with what was merged into it before.

    For the transaction that has approved it; locks the files. Raises Refusal 409 when the merge
    doesn't hold, or a later one must be taken back first.
    """
    _one_at_a_time()
    files = _locked(Q(pk__in=(merge.kept_id, merge.absorbed_id)) | Q(merged_into=merge.kept_id))
    _check_holds(merge)
    _check_last(files[merge.kept_id])
    merge.undone_at = now
    merge.save(update_fields=["undone_at"])
    Patient.objects.filter(pk=merge.absorbed_id).update(merged_into=None)
    below = live_below(merge.absorbed_id)
    Patient.objects.filter(pk__in=below).update(merged_into=merge.absorbed_id)


def _one_at_a_time() -> None:
    # Which files are concerned follows from other merges: locked before that is known, files
    # could be locked in another order than theirs, and two managers would wait for each other.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MERGING])


def _reason(written: str, label: str) -> str:
    return text(written, field="reason", label=label, longest=200)


def _pair(one: str, other: str) -> tuple[Patient, Patient]:
    if one == other:
        raise Refusal("same_file", 422, "请填写两份不同的档案", "absorbed_number")
    found = {file.file_number: file for file in _locked(Q(file_number__in=(one, other))).values()}
    for number in (one, other):
        if number not in found:
            raise unknown_patient(number)
    return found[one], found[other]


def _locked(wanted: Q) -> dict[int, Patient]:
    """The files, locked by ascending key, so that crossing merges wait for each other."""
    files = Patient.objects.filter(wanted).order_by("pk")
    return {file.pk: file for file in files.select_for_update(of=("self",))}


def _check_mergeable(kept: Patient, absorbed: Patient) -> None:
    _check_root(kept)
    _check_root(absorbed)
    members = Membership.objects.filter(patient__in=(kept, absorbed))
    numbers: dict[int, str] = dict(members.values_list("patient_id", "number"))
    if absorbed.pk in numbers and kept.pk not in numbers:
        message = (
            f"档案 {absorbed.file_number} 是会员的（会员号 {numbers[absorbed.pk]}），"
            f"请保留它，把 {kept.file_number} 并入它"
        )
        raise Refusal("keep_the_members_file", 409, message, "kept_number")


def _check_root(file: Patient) -> None:
    if file.merged_into:
        root = file.merged_into.file_number
        message = f"档案 {file.file_number} 已并入 {root}，请用档案号 {root}"
        raise Refusal("merged_already", 409, message)


def _check_not_asked(one: Patient, other: Patient) -> None:
    pair = Q(kept=one, absorbed=other) | Q(kept=other, absorbed=one)
    waiting = FileMerge.objects.waiting().filter(pair).select_related("approval__requested_by")
    if asked := waiting.first():
        message = f"{_said(asked.approval)} 已申请合并这两份档案，正在等待审批"
        raise Refusal("file_merge_asked_once", 409, message)


def _said(asked: Approval) -> str:
    return f"{asked.requested_by} 于 {business_day(asked.requested_at)}"


def _check_holds(merge: FileMerge) -> None:
    if merge.merged_at is None:
        raise Refusal("not_merged", 409, "这次合并没有完成，没有什么可以撤销")
    if merge.undone_at is not None:
        raise Refusal("undone_already", 409, "这次合并已经撤销，不能再撤销一次")


def _check_last(kept: Patient) -> None:
    if kept.merged_into:
        later = kept.merged_into.file_number
        message = f"档案 {kept.file_number} 后来并入了 {later}，请先撤销之后的合并"
        raise Refusal("undo_later_first", 409, message)
