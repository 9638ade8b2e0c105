from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from members.operations.patients import save_patients
from members.rules import RESIDENT_ID
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.operations.file_kinds import FileKind
from staff.rules import plain
from staff.spreadsheets import Column, Row, cells

PATIENT_COLUMNS = (
    Column("档案号", "file_number", required=True, note="与病历封面一致", example="00001"),
    Column("姓名", "name", required=True, example="张三"),
    Column("性别", "sex", choices=("男", "女")),
    Column("出生日期", "birth_date", note="年月日", example="1985-03-12"),
    Column("电话", "phone", note="手机或带区号的座机", example="13900001111"),
    Column("身份证号", "id_number", note="18 位，最后一位可以是 X", example="530302198511230019"),
    Column("家庭住址", "address", example="曲靖市麒麟区"),
)


def _sex(written: str) -> str:
    return {"男": "male", "女": "female"}.get(plain(written), written)


_READ: dict[str, Callable[[str], str]] = {
    "name": str,
    "sex": _sex,
    "birth_date": cells.day_text,
    "phone": partial(cells.number_text, field="phone", label="电话"),
    "id_number": partial(cells.number_text, field="id_number", label="身份证号"),
    "address": str,
}


def import_patients(
    *, rows: Sequence[Row], by: User, now: datetime, batch: Import
) -> list[str | Refusal]:
    """Save rows of a file of patients: whether each was new, changed or the same.

    An empty cell leaves what is known.
    """
    parsed = [_parsed(row) for row in rows]
    sound = [found for found in parsed if not isinstance(found, Refusal)]
    saved = iter(save_patients(rows=sound, by=by, now=now))
    results = [found if isinstance(found, Refusal) else next(saved) for found in parsed]
    return [result if isinstance(result, Refusal) else result.outcome for result in results]


def _parsed(row: Row) -> tuple[str, Mapping[str, object]] | Refusal:
    try:
        said = row.fields()
        number = cells.identifier(said.get("file_number"), field="file_number", label="档案号")
        given = {field: _READ[field](text) for field, text in said.items() if field in _READ}
    except Refusal as refusal:
        return refusal
    if "id_number" in given:
        given["document_type"] = RESIDENT_ID
    return number, given


PATIENTS = FileKind(
    kind=Import.Kind.PATIENTS,
    columns=PATIENT_COLUMNS,
    save=import_patients,
    keys=["file_number"],
)
