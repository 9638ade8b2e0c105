"""The search keys, which follow from the names."""

from collections.abc import Iterable

from django.db import connection

from members.models import Patient, SearchKey
from members.queries.names import misfiled
from members.rules import search_keys
from staff.refusals import operation

_WRITE = """
INSERT INTO members_searchkey (patient_id, key) SELECT * FROM unnest(%s::bigint[], %s::text[])
"""


def write_search_keys(patients: Iterable[Patient]) -> None:
    """Give files that have no keys those of their names; one statement for any number of them."""
    rows = [(patient.pk, key) for patient in patients for key in search_keys(patient.name)]
    if rows:
        owners, keys = zip(*rows, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [list(owners), list(keys)])


def rewrite_search_keys(patients: Iterable[Patient]) -> None:
    """Give files the keys of the names they have now, in the caller's transaction."""
    renamed = list(patients)
    if renamed:
        SearchKey.objects.filter(patient__in=renamed).delete()
        write_search_keys(renamed)


@operation
def renew_search_keys() -> int:
    """Put right all keys that are not those of the name, as after readings were added.

    Returns how many files that were.
    """
    wrong = [file.pk for file in misfiled()]
    # Read again under the lock: a name may have changed, and its keys with it, meanwhile.
    files = Patient.objects.filter(pk__in=wrong).order_by("pk").only("name")
    rewrite_search_keys(files.select_for_update(of=("self",), no_key=True))
    return len(wrong)
