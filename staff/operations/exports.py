from datetime import datetime

from staff import rules as values
from staff.models import Export, User
from staff.refusals import operation


@operation
def record_export(
    *, what: str, title: str, filters: str, row_count: int, reason: str, by: User, now: datetime
) -> Export:
    """Put on record that a list leaves the system as a file, and what for (R41).

    `what` is the list's code, `filters` says in words what was chosen of it. Raises Refusal 422
    for a missing reason.
    """
    return Export.objects.create(
        what=what,
        title=title,
        filters=filters,
        row_count=row_count,
        reason=values.text(reason, field="reason", label="用途", longest=200),
        by=by,
        at=now,
    )
