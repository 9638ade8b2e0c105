"""Records of imports, as a command leaves them."""

import hashlib

from django.utils import timezone

from staff.models import Import, User


def import_record(kind: str, *, by: User, rows: int = 1) -> Import:
    """An import that is done, each of its rows new."""
    now = timezone.now()
    return Import.objects.create(
        kind=kind,
        state=Import.State.DONE,
        file_name=f"{kind}.xlsx",
        digest=hashlib.sha256(kind.encode()).hexdigest(),
        by=by,
        saved_by=by,
        created_at=now,
        finished_at=now,
        row_count=rows,
        new=rows,
    )
