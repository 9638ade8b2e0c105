from collections.abc import Iterable
from datetime import datetime

from members.models import AccessLog, Patient
from staff import rules as values
from staff.models import User
from staff.refusals import operation


@operation
def record_access(
    *, patient: Patient, what: Iterable[str], reason: str, by: User, now: datetime
) -> AccessLog:
    """Put on record that `by` sees these of a patient's details in full, and why (R41).

    `what` are codes of AccessLog.What, `reason` one line of at most 200 characters: typed, or the
    task that needs them. Raises Refusal 422 for a missing reason.
    """
    return AccessLog.objects.create(
        patient=patient,
        what=sorted({AccessLog.What(code) for code in what}),
        reason=values.text(reason, field="reason", label="原因", longest=200),
        by=by,
        at=now,
    )
