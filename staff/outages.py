"""A database that is away, full or busy: no mistake of anyone's, and it passes."""

from django.db import DatabaseError, InterfaceError, OperationalError

from staff.exceptions import Refusal

# Seconds after which trying again makes sense.
RETRY_AFTER = 5

_DISK_FULL = "53100"
# Serialization, deadlock, lock not available, cancelled by a time limit, too many connections.
_BUSY = frozenset({"40001", "40P01", "55P03", "57014", "53300"})
# Connection, resources, operator intervention, the operating system beneath the server.
_AWAY = ("08", "53", "57", "58")

_NOT_CONFIRMED = "这次操作没有得到确认，请稍后再试一次；同一张单据不会计两次"
_REFUSALS = {
    "disk_full": "数据库的磁盘已满，暂不能记账，请马上联系信息科；" + _NOT_CONFIRMED,
    "database_busy": "数据库正忙；" + _NOT_CONFIRMED,
    "database_unavailable": "数据库暂时连不上；" + _NOT_CONFIRMED,
}


def outage(error: object) -> Refusal | None:
    """The refusal 503 that a lost, full or busy database stands for; None for other errors.

    What was asked for may be in the books or not: the same again tells.
    """
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    code = _code(error)
    return Refusal(code, 503, _REFUSALS[code]) if code else None


def _code(error: DatabaseError | InterfaceError) -> str | None:
    state = getattr(error.__cause__, "sqlstate", None)
    if state is None:
        away = isinstance(error, OperationalError | InterfaceError)
        return "database_unavailable" if away else None
    if state == _DISK_FULL:
        return "disk_full"
    if state in _BUSY:
        return "database_busy"
    return "database_unavailable" if state.startswith(_AWAY) else None
