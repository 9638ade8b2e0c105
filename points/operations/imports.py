from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from members.exceptions import unknown_patient
from members.models import Patient
from members.operations.patients import save_patients
from points.operations.receipts import post_receipts
from points.rules import NewReceipt, receipt_from
from staff import rules as values
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import NEW, SAME
from staff.spreadsheets import Column, Row, cells

PAYMENT_COLUMNS = (
    Column("收据号", "receipt_number", required=True),
    Column("档案号", "file_number", required=True),
    Column("金额", "amount", required=True),
    Column("收费时间", "paid_at", required=True),
    Column("姓名", "name"),
    Column("科室", "department"),
    Column("医生工号", "doctor"),
    Column("备注", "note"),
)


@dataclass(frozen=True, slots=True)
class _Payment:
    """A row of the file; `name` opens the patient's file where there is none."""

    new: NewReceipt
    name: str


def import_payments(*, rows: Sequence[Row], by: User, now: datetime) -> list[str | Refusal]:
    """Record rows of a file of payments in their order: whether each was new or the same.

    The first good row of an unknown patient that brings a name opens the patient's file; a
    refused row leaves nothing behind.
    """
    parsed = [_parsed(row, now) for row in rows]
    results, taken_back = _recorded(parsed, by, now)
    if taken_back:
        # A row refused for its own sake must not open a file: once more without those rows.
        sound = [
            result if isinstance(result, Refusal) else payment
            for payment, result in zip(parsed, results, strict=True)
        ]
        results, _ = _recorded(sound, by, now)
    return results


def _parsed(row: Row, now: datetime) -> _Payment | Refusal:
    try:
        said = row.fields()
        new = receipt_from(_given(said), now=now, zone=values.SHANGHAI)
        name = said.get("name")
        name = values.text(name, field="name", label="姓名", longest=50, required=False)
    except Refusal as refusal:
        return refusal
    return _Payment(new, name)


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
    payments: Sequence[_Payment | Refusal], by: User, now: datetime
) -> tuple[list[str | Refusal], bool]:
    """The results; all is taken back where a row that was refused has opened a file."""
    with transaction.atomic():
        judged, openers = _with_files(payments, by, now)
        sound = [payment.new for payment in judged if isinstance(payment, _Payment)]
        posted = iter(post_receipts(rows=sound, by=by, now=now))
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
    """Open the files of unknown patients: the rows that now have one, and which opened it."""
    unknown = _unknown(payments)
    opened: dict[str, tuple[int, str]] = {}
    judged = list(payments)
    for place, payment in enumerate(payments):
        if isinstance(payment, Refusal) or payment.new.file_number not in unknown:
            continue
        if payment.name:
            opened[payment.new.file_number] = place, payment.name
            unknown.remove(payment.new.file_number)
        else:
            judged[place] = unknown_patient(payment.new.file_number)
    rows = [(file_number, {"name": name}) for file_number, (_, name) in opened.items()]
    if rows:
        save_patients(rows=rows, by=by, now=now)
    return judged, [place for place, _ in opened.values()]


def _unknown(payments: Sequence[_Payment | Refusal]) -> set[str]:
    wanted = {payment.new.file_number for payment in payments if isinstance(payment, _Payment)}
    found = Patient.objects.filter(file_number__in=wanted)
    return wanted - set(found.values_list("file_number", flat=True))
