"""What merges and their undoing moved between accounts."""

from collections.abc import Iterator

from members.models import FileMerge
from points.models import PointsEntry
from points.queries.merging import Share, share_of
from points.queries.replay import MOMENT, facts_of


def broken_merges() -> Iterator[str]:
    """A Chinese sentence per merge whose entries are not what it had to move."""
    for merge in FileMerge.objects.exclude(merged_at=None).order_by("pk"):
        entries = PointsEntry.objects.filter(reference__contains=f"merge:{merge.pk}:")
        found = entries.in_bulk(field_name="reference")
        if not _is_moved(found, f"merge:{merge.pk}", merge):
            yield f"档案合并 {merge.pk}：积分没有如数并入"
        if merge.undone_at and not _is_moved(found, f"unmerge:{merge.pk}", merge):
            yield f"档案合并 {merge.pk}：撤销时积分没有如数退回"
        if (len(found) > 2) != (merge.undone_at is not None):
            yield f"档案合并 {merge.pk}：是否撤销与积分流水不同"


def _is_moved(found: dict[str, PointsEntry], reference: str, merge: FileMerge) -> bool:
    """Whether all that the absorbed file's papers had given by then went over, in both entries."""
    given, taken = found.get(f"{reference}:out"), found.get(f"{reference}:in")
    if given is None or taken is None:
        return False
    facts = facts_of([merge.absorbed_id])
    moment = given.recorded_at if reference.startswith("un") else given.recorded_at - MOMENT
    share = share_of(facts.family(merge.absorbed_id, moment), before=given.recorded_at)
    moved = Share(taken.cumulative_delta, taken.available_delta)
    back = Share(-given.cumulative_delta, -given.available_delta)
    return share == moved == back
