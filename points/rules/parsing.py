"""Receipts and refunds as they are delivered: one parser for page, API and file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from staff import rules as values
from staff.exceptions import Refusal

_AMOUNT = re.compile(r"\d{1,8}(\.\d{1,2})?", re.ASCII)
_POINTS = re.compile(r"\d{1,9}", re.ASCII)
_RECEIPT_FIELDS = {"file_number", "amount", "paid_at", "department", "doctor", "note"}


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


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """How a wrong receipt should have been; None stays as it is (C39).

    `void`: it is taken back and not entered again; `reenter`: it was taken back before and is
    entered again. `revision` is the one that was looked at.
    """

    receipt_number: str
    reason: str
    revision: int | None = None
    void: bool = False
    reenter: bool = False
    file_number: str | None = None
    amount: Decimal | None = None
    paid_at: datetime | None = None
    department: str | None = None
    doctor_number: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NewLegacy:
    """A patient's points of the system before, up to and including the day `until` (C2)."""

    file_number: str
    name: str
    points: int
    until: date


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


def correction_from(
    given: Mapping[str, object],
    *,
    receipt_number: object,
    now: datetime,
    zone: ZoneInfo | None = None,
) -> NewCorrection:
    """A correction from a form or a JSON body; what is missing or None stays as it is.

    Raises Refusal 422 naming the field.
    """
    asked = {field: value for field, value in given.items() if value is not None}
    void, reenter = _flag(asked, "void"), _flag(asked, "reenter")
    if void and asked.keys() & {*_RECEIPT_FIELDS, *(["reenter"] if reenter else [])}:
        message = "只冲正、不重录时，不要再填写更正后的内容"
        raise Refusal("void_with_content", 422, message, "void")
    return NewCorrection(
        receipt_number=values.identifier(receipt_number, field="receipt_number", label="收据号"),
        reason=values.text(asked.get("reason"), field="reason", label="更正原因", longest=200),
        revision=_revision(asked.get("revision")),
        void=void,
        reenter=reenter,
        file_number=_identifier(asked, "file_number", "档案号"),
        amount=amount(asked["amount"]) if "amount" in asked else None,
        paid_at=values.moment(
            asked["paid_at"], field="paid_at", label="收费时间", now=now, zone=zone
        )
        if "paid_at" in asked
        else None,
        department=_corrected(asked, "department", "科室", 64),
        doctor_number=_corrected(asked, "doctor", "医生工号", 64),
        note=_corrected(asked, "note", "备注", 200),
    )


def _flag(asked: Mapping[str, object], field: str) -> bool:
    value = asked.get(field, False)
    if not isinstance(value, bool):
        raise Refusal("not_yes_or_no", 422, f"{field} 应为 true 或 false", field)
    return value


def _revision(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 30_000:
        raise Refusal("not_a_revision", 422, "版次应为 1、2、3 这样的整数", "revision")
    return value


def _identifier(asked: Mapping[str, object], field: str, label: str) -> str | None:
    if field not in asked:
        return None
    return values.identifier(asked[field], field=field, label=label)


def _corrected(asked: Mapping[str, object], field: str, label: str, longest: int) -> str | None:
    return _optional(asked, field, label, longest) if field in asked else None


def legacy_from(given: Mapping[str, object], *, today: date) -> NewLegacy:
    """A row of legacy points; all of it is required. Raises Refusal 422 naming the field."""
    until = values.day(given.get("until"), field="until", label="截止日期")
    if until >= today:
        raise Refusal("until_in_future", 422, "截止日期应早于今天", "until")
    return NewLegacy(
        file_number=values.identifier(
            given.get("file_number"), field="file_number", label="档案号"
        ),
        name=values.text(given.get("name"), field="name", label="姓名", longest=50),
        points=_points(given.get("points")),
        until=until,
    )


def _points(value: object) -> int:
    written = values.text(value, field="points", label="积分", longest=64)
    if not _POINTS.fullmatch(written):
        message = "积分应为不超过 9 位的整数，例如 20000"
        raise Refusal("not_points", 422, message, "points")
    return int(written)


def _optional(given: Mapping[str, object], field: str, label: str, longest: int) -> str:
    return values.text(given.get(field), field=field, label=label, longest=longest, required=False)
