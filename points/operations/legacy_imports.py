from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from points.operations.legacy import confirm_at_once, request_confirmation, save_balances
from points.rules import NewLegacy, legacy_from
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.operations.file_kinds import FileKind
from staff.rules import business_day
from staff.spreadsheets import Column, Row, cells

LEGACY_COLUMNS = (
    Column("档案号", "file_number", required=True, note="与病历封面一致", example="00001"),
    Column("姓名", "name", required=True, note="与档案上的姓名一致", example="张三"),
    Column(
        "积分",
        "points",
        required=True,
        note="累计的整数，达到方案规定的分数（如 20000）才转入",
        example="25000",
        is_text=False,
    ),
    Column(
        *("截止日期", "until"),
        required=True,
        note="积分算到哪一天为止，这一天以后的收费另外导入",
        example="2025-12-31",
    ),
)


def import_legacy_points(
    *, rows: Sequence[Row], by: User, now: datetime, batch: Import
) -> list[str | Refusal]:
    """Put down rows of a file of legacy points: whether each was new or the same.

    They count once a second person has confirmed the file (C2).
    """
    parsed = [_parsed(row, now) for row in rows]
    sound = [found for found in parsed if isinstance(found, NewLegacy)]
    saved = iter(save_balances(rows=sound, by=by, now=now, batch=batch))
    return [next(saved) if isinstance(found, NewLegacy) else found for found in parsed]


def _parsed(row: Row, now: datetime) -> NewLegacy | Refusal:
    try:
        return legacy_from(_given(row.fields()), today=business_day(now))
    except Refusal as refusal:
        return refusal


def _given(said: Mapping[str, str]) -> dict[str, object]:
    given: dict[str, object] = dict(said)
    given["file_number"] = cells.identifier(
        said.get("file_number"), field="file_number", label="档案号"
    )
    if "points" in said:
        given["points"] = _whole(said["points"])
    if "until" in said:
        given["until"] = cells.day_text(said["until"])
    return given


def _whole(written: str) -> str:
    """A number as people write it, without commas and .00."""
    number = cells.amount_text(written)
    return number.rstrip("0").rstrip(".") if "." in number else number


def _points(row: Row) -> Decimal:
    return Decimal(_whole(row.given["points"]))


LEGACY_POINTS = FileKind(
    kind=Import.Kind.LEGACY_POINTS,
    columns=LEGACY_COLUMNS,
    save=import_legacy_points,
    keys=["file_number"],
    worth=_points,
    unit="分",
    asked=request_confirmation,
    granted=confirm_at_once,
)
