"""Whether the search keys are those of the names."""

from collections.abc import Iterator

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q

from members.models import Patient
from members.rules import search_keys


def misfiled() -> Iterator[Patient]:
    """Files, with file number and name alone, whose search keys are not those of the name."""
    keys = ArrayAgg("search_keys__key", filter=Q(search_keys__isnull=False), default=[])
    files = Patient.objects.only("file_number", "name").annotate(keys=keys).order_by("pk")
    for file in files.iterator(chunk_size=2000):
        if frozenset(file.keys) != search_keys(file.name):
            yield file


def broken_search_keys() -> Iterator[str]:
    """Files that are not found by their name, or by another one; a Chinese sentence each."""
    for file in misfiled():
        yield f"档案 {file.file_number} 的检索码与姓名不符"
