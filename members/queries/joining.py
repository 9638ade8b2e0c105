"""What people answered when they were asked to join."""

from collections.abc import Collection, Sequence

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from members.models import JoinTalk


def talks_of(root_id: int) -> Sequence[JoinTalk]:
    """All talks with a person, the newest first, with those of merged files (C40)."""
    own = Q(patient=root_id) | Q(patient__merged_into=root_id)
    return list(JoinTalk.objects.filter(own).select_related("by").order_by("-talked_at", "-pk"))


def newest_talks(root_ids: Collection[int]) -> dict[int, JoinTalk]:
    """The newest talk with each of these people who were asked, by file."""
    own = Q(patient__in=root_ids) | Q(patient__merged_into__in=root_ids)
    found = JoinTalk.objects.filter(own).select_related("by")
    found = found.annotate(root=Coalesce(F("patient__merged_into"), F("patient")))
    newest = found.order_by("root", "-talked_at", "-pk").distinct("root")
    return {talk.root: talk for talk in newest}
