"""What merges and their undoing moved between accounts."""

from collections.abc import Iterator

from members.models import FileMerge
from points.models import PointsEntry
from points.queries.merging import Share, share_of
from points.queries.replay import MOMENT, facts_of


def broken_merges() -> Iterator[str]:
    """A Chinese sentence per merge whose entries are not what it had to move."""
    for merge in FileMerge.objects.exclude(merged_at=None).order_by("pk"):
        there, back = _entries(f"merge:{merge.pk}"), _entries(f"unmerge:{merge.pk}")
        if not _is_moved(there, merge, back=False):
            yield f"档案合并 {merge.pk}：积分没有如数并入"
        if merge.undone_at and not _is_moved(back, merge, back=True):
            yield f"档案合并 {merge.pk}：撤销时积分没有如数退回"
        if bool(back) != (merge.undone_at is not None):
            yield f"档案合并 {merge.pk}：是否撤销与积分流水不同"


def _entries(reference: str) -> list[PointsEntry]:
    """The entry that gave and the one that took, as far as they are there."""
    pair = PointsEntry.objects.filter(reference__in=(f"{reference}:out", f"{reference}:in"))
    return list(pair.order_by("-reference"))


def _is_moved(entries: list[PointsEntry], merge: FileMerge, *, back: bool) -> bool:
    """Whether all that the absorbed file's papers had given by then went over, in both entries."""
    if len(entries) < 2:
        return False
    given, taken = entries
    facts = facts_of([merge.absorbed_id])
    moment = given.recorded_at if back else given.recorded_at - MOMENT
    share = share_of(facts.family(merge.absorbed_id, moment), before=given.recorded_at)
    moved = Share(taken.cumulative_delta, taken.available_delta)
    handed = Share(-given.cumulative_delta, -given.available_delta)
    return share == moved == handed
