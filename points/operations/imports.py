from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from members.exceptions import name_differs, unknown_patient
from members.models import Patient
from members.operations.patients import save_patients
from points.operations.receipts import post_receipts
from points.rules import NewReceipt, receipt_from
from staff import rules as values
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.operations.file_kinds import FileKind
from staff.rules import NEW, SAME
from staff.spreadsheets import Column, Row, cells

PAYMENT_COLUMNS = (
    Column("收据号", "receipt_number", required=True, note="纸质收据上的号码", example="00012345"),
    Column("档案号", "file_number", required=True, note="与病历封面一致", example="00001"),
    Column("金额", "amount", required=True, note="实收，元", example="128.50", is_text=False),
    Column("收费时间", "paid_at", required=True, note="日期，可带时间", example="2026-01-31 09:30"),
    Column("姓名", "name", note="还没有档案的病人须填，用来建立档案", example="张三"),
    Column("科室", "department", example="修复科"),
    Column("医生工号", "doctor", example="D001"),
    Column("备注", "note"),
)
_LONGEST_NAME = 50


@dataclass(frozen=True, slots=True)
class _Payment:
    """A row of the file; `opens_as` opens the patient's file where there is none."""

    new: NewReceipt
    name: str
    opens_as: str


def import_payments(
    *, rows: Sequence[Row], by: User, now: datetime, batch: Import
) -> list[str | Refusal]:
    """Record rows of a file of payments in their order: whether each was new or the same.

    The first good row of an unknown patient that has a name opens the patient's file; a refused
    row leaves nothing behind.
    """
    parsed = [_parsed(row, now) for row in rows]
    results, taken_back = _recorded(parsed, by, now, batch)
    if taken_back:
        # A row refused for its own sake must not open a file: once more without those rows.
        sound = [
            result if isinstance(result, Refusal) else payment
            for payment, result in zip(parsed, results, strict=True)
        ]
        results, _ = _recorded(sound, by, now, batch)
    return results


def _parsed(row: Row, now: datetime) -> _Payment | Refusal:
    try:
        said = row.fields()
        new = receipt_from(_given(said), now=now, zone=values.SHANGHAI)
        name, before = _name(said.get("name")), _name(said.get("name_before"))
    except Refusal as refusal:
        return refusal
    return _Payment(new, name, opens_as=name or before)


def _given(said: Mapping[str, str]) -> dict[str, object]:
    given: dict[str, object] = dict(said)
    for field, label in (("receipt_number", "收据号"), ("file_number", "档案号")):
        given[field] = cells.identifier(said.get(field), field=field, label=label)
    if "amount" not in said:
        raise Refusal("required", 422, "请填写金额", "amount")
    given["amount"] = cells.amount_text(said["amount"])
    if "paid_at" in said:
        given["paid_at"] = cells.moment_text(said["paid_at"])
    return given


def _recorded(
    payments: Sequence[_Payment | Refusal], by: User, now: datetime, batch: Import
) -> tuple[list[str | Refusal], bool]:
    """The results; all is taken back where a row that was refused has opened a file."""
    with transaction.atomic():
        judged, openers = _with_files(payments, by, now)
        sound = [payment.new for payment in judged if isinstance(payment, _Payment)]
        posted = iter(post_receipts(rows=sound, by=by, now=now, batch=batch))
        outcomes = [next(posted) if isinstance(row, _Payment) else row for row in judged]
        take_back = any(isinstance(outcomes[place], Refusal) for place in openers)
        if take_back:
            transaction.set_rollback(True)
    return [_result(outcome) for outcome in outcomes], take_back


def _result(outcome: bool | Refusal) -> str | Refusal:
    if isinstance(outcome, Refusal):
        return outcome
    return SAME if outcome else NEW


def _with_files(
    payments: Sequence[_Payment | Refusal], by: User, now: datetime
) -> tuple[list[_Payment | Refusal], list[int]]:
    """Open the files of unknown patients: the rows that now have one, and which opened it.

    A row with another name than its file is for somebody else, and refused.
    """
    names = _names_of_files(payments)
    opened: dict[str, tuple[int, str]] = {}
    judged = list(payments)
    for place, payment in enumerate(payments):
        if isinstance(payment, Refusal):
            continue
        file_number, known = payment.new.file_number, names.get(payment.new.file_number)
        if known and payment.name not in ("", known):
            judged[place] = name_differs(file_number)
        elif known is None and payment.opens_as:
            opened[file_number] = place, payment.opens_as
            names[file_number] = payment.opens_as
        elif known is None:
            judged[place] = unknown_patient(file_number)
    rows = [(file_number, {"name": name}) for file_number, (_, name) in opened.items()]
    if rows:
        save_patients(rows=rows, by=by, now=now)
    return judged, [place for place, _ in opened.values()]


def _names_of_files(payments: Sequence[_Payment | Refusal]) -> dict[str, str]:
    wanted = {payment.new.file_number for payment in payments if isinstance(payment, _Payment)}
    found = Patient.objects.filter(file_number__in=wanted)
    return dict(found.values_list("file_number", "name"))


def _name(written: str | None) -> str:
    return values.text(written, field="name", label="姓名", longest=_LONGEST_NAME, required=False)


def _with_names(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; one without a name has that of an earlier row of the same patient.

    So it doesn't matter in which batch a patient is met first.
    """
    names: dict[str, str] = {}
    for row in rows:
        file_number, name = row.given.get("file_number", ""), row.given.get("name")
        if name and _is_name(name):
            names.setdefault(file_number, name)
        elif not name and file_number in names:
            row = replace(row, given={**row.given, "name_before": names[file_number]})
        yield row


def _is_name(written: str) -> bool:
    try:
        return bool(_name(written))
    except Refusal:
        return False


def _yuan(row: Row) -> Decimal:
    return Decimal(cells.amount_text(row.given["amount"]))


PAYMENTS = FileKind(
    kind=Import.Kind.PAYMENTS,
    columns=PAYMENT_COLUMNS,
    save=import_payments,
    keys=["receipt_number"],
    completed=_with_names,
    worth=_yuan,
    unit="元",
)
