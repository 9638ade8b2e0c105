"""方案B is switched on "from the cumulative total": earlier points become available (C3)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time

from points.models import PointsEntry
from points.operations import ledger
from points.operations.levels import lock_accounts
from points.queries.changeover import Carried, Changeover, changeovers, files_with_points, missing
from staff.models import User
from staff.refusals import operation
from staff.rules import SHANGHAI, business_day

_FILES_AT_ONCE = 1000


def run_due(*, now: datetime) -> int:
    """Carry over what every file has from before 方案B; the number of files that got points.

    In steps of their own, so that the desk goes on meanwhile; once a file and version.
    """
    if not changeovers(business_day(now)):
        return 0
    by, done, last = User.objects.system(), 0, 0
    while files := files_with_points(last, _FILES_AT_ONCE):
        done += carry_over(files=dict.fromkeys(files), by=by, now=now)
        last = files[-1]
    return done


@operation
def carry_over(*, files: Mapping[int, date | None], by: User, now: datetime) -> int:
    """Make available what these files have from before 方案B; how many entries that took.

    `files` are those on the papers, each with the first day of the version by which something is
    about to be posted to it, None where nothing is; files merged with them come along. One
    statement where nothing changes over.
    """
    done = 0
    for version in changeovers(business_day(now)):
        waiting = missing(version.scheme_id, files)
        if waiting:
            # Looked at once more when nobody can post to these accounts any more.
            lock_accounts([each.account_id for each in waiting])
            done += _post(version, missing(version.scheme_id, files), by)
    return done


def _post(version: Changeover, carried: Iterable[Carried], by: User) -> int:
    begins = datetime.combine(version.begins_on, time(), SHANGHAI)
    entries = [
        ledger.NewEntry(
            account_id=each.account_id,
            kind=PointsEntry.Kind.CHANGEOVER,
            cumulative_delta=0,
            available_delta=each.points,
            occurred_at=begins,
            reference=f"changeover:{version.scheme_id}:{each.file_id}",
            scheme_id=version.scheme_id,
        )
        for each in carried
    ]
    return len(ledger.post(entries=entries, by=by))
