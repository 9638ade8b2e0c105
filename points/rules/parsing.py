"""Receipts and refunds as they are delivered: one parser for page, API and file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from staff import rules as values
from staff.exceptions import Refusal

_AMOUNT = re.compile(r"\d{1,8}(\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """A receipt as delivered by the till, the HIS or a file; `amount` in yuan (C17)."""

    number: str
    file_number: str
    amount: Decimal
    paid_at: datetime
    department: str = ""
    doctor_number: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewRefund:
    """Yuan given back on a receipt, in whole or in part."""

    number: str
    receipt_number: str
    amount: Decimal
    refunded_at: datetime
    reason: str


def amount(value: object, *, field: str = "amount", label: str = "金额") -> Decimal:
    """Yuan above 0, at most 8 digits before and 2 after the point, written as text."""
    if not isinstance(value, str):
        raise Refusal("not_text", 422, f'{label}应为文字，例如 "128.50"', field)
    if value.startswith("-"):
        raise Refusal("not_positive", 422, f"{label}必须大于 0 元", field)
    if not _AMOUNT.fullmatch(value):
        message = f"{label}应为不超过 8 位的元数，最多两位小数，例如 128.50"
        raise Refusal("not_an_amount", 422, message, field)
    found = Decimal(value)
    if found == 0:
        raise Refusal("not_positive", 422, f"{label}必须大于 0 元", field)
    return found


def receipt_from(
    given: Mapping[str, object], *, now: datetime, zone: ZoneInfo | None = None
) -> NewReceipt:
    """A receipt from a form, a JSON body or a row. Raises Refusal 422 naming the field."""
    return NewReceipt(
        number=values.identifier(
            given.get("receipt_number"), field="receipt_number", label="收据号"
        ),
        file_number=values.identifier(
            given.get("file_number"), field="file_number", label="档案号"
        ),
        amount=amount(given.get("amount")),
        paid_at=values.moment(
            given.get("paid_at"), field="paid_at", label="收费时间", now=now, zone=zone
        ),
        department=_optional(given, "department", "科室", 64),
        doctor_number=_optional(given, "doctor", "医生工号", 64),
        note=_optional(given, "note", "备注", 200),
    )


def refund_from(
    given: Mapping[str, object], *, now: datetime, zone: ZoneInfo | None = None
) -> NewRefund:
    """A refund from a form or a JSON body. Raises Refusal 422 naming the field."""
    return NewRefund(
        number=values.identifier(
            given.get("refund_number"), field="refund_number", label="退费单号"
        ),
        receipt_number=values.identifier(
            given.get("receipt_number"), field="receipt_number", label="收据号"
        ),
        amount=amount(given.get("amount"), label="退费金额"),
        refunded_at=values.moment(
            given.get("refunded_at"), field="refunded_at", label="退费时间", now=now, zone=zone
        ),
        reason=values.text(given.get("reason"), field="reason", label="退费原因", longest=200),
    )


def _optional(given: Mapping[str, object], field: str, label: str, longest: int) -> str:
    return values.text(given.get(field), field=field, label=label, longest=longest, required=False)
