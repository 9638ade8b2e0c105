"""Whether the search keys are those of the names."""

from collections.abc import Iterator

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from members.models import Patient
from members.rules import search_keys


def broken_search_keys() -> Iterator[str]:
    """Files that are not found by their name, or by another one; a Chinese sentence each."""
    keys = ArrayAgg("search_keys__key", filter=Q(search_keys__isnull=False), default=[])
    files = Patient.objects.annotate(keys=keys).order_by("pk")
    stored = files.values_list("file_number", "name", "keys")
    for file_number, name, found in stored.iterator(chunk_size=2000):
        if frozenset(found) != search_keys(name):
            yield f"档案 {file_number} 的检索码与姓名不符"
