"""Members from before the system: their memberships, and the levels that their history gives."""

from collections.abc import Sequence
from datetime import datetime

from members.operations.old_members import MEMBER_COLUMNS, SavedMember, import_memberships
from points.operations.levels import lock_accounts
from points.operations.restating import restate
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.operations.file_kinds import FileKind
from staff.refusals import operation
from staff.rules import NEW
from staff.spreadsheets import Row


@operation
def import_members(
    *, rows: Sequence[Row], by: User, now: datetime, batch: Import
) -> list[str | Refusal]:
    """Save rows of a file of members: whether each was new, changed or the same.

    A new member has at once the level that his receipts so far bring (R26).
    """
    saved = import_memberships(rows=rows, by=by, now=now, batch=batch)
    fresh = [
        row.membership.patient_id
        for row in saved
        if isinstance(row, SavedMember) and row.outcome == NEW
    ]
    lock_accounts(fresh)
    restate(causes=dict.fromkeys(fresh), by=by, now=now)
    return [row if isinstance(row, Refusal) else row.outcome for row in saved]


MEMBERS = FileKind(
    kind=Import.Kind.MEMBERS,
    columns=MEMBER_COLUMNS,
    save=import_members,
    keys=["file_number", "number", "id_number"],
)
