"""Points for yuan, what one visit day adds up to, and which levels receipts reach. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from zoneinfo import ZoneInfo

from scheme.rules import OneTimeScope, Reached, Rules, TierRule, reached
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


@dataclass(frozen=True, slots=True)
class OneTime:
    """One 一次性消费 (C16): its day, net points and net yuan."""

    day: date
    points: int
    yuan: Decimal


@dataclass(frozen=True, slots=True)
class VisitDay:
    """A patient's net receipts of one business day: together, and the largest one alone."""

    total: OneTime
    largest: OneTime

    def one_time(self, scope: OneTimeScope) -> OneTime:
        """What counts as 一次性消费: the day's sum, or one receipt, as the scheme says (C16)."""
        return self.total if scope == "day" else self.largest


@dataclass(frozen=True, slots=True)
class PostedReceipt:
    """A receipt in the ledger: what it paid, the entry it wrote and the total after it."""

    rules: Rules
    scheme_id: int
    paid: OneTime
    entry_id: int
    cumulative_after: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a level is held: by which path, on which day, with how many points or yuan."""

    tier: TierRule
    path: str
    entry_id: int
    scheme_id: int
    day: date
    points: int
    yuan: Decimal | None


def points_for(amount: Decimal, rate: int) -> int:
    """Points for net yuan paid at `rate` points a yuan: rounded down (R11, C17)."""
    return int((amount * rate).to_integral_value(ROUND_FLOOR))


def amount(value: object, *, field: str = "amount", label: str = "金额") -> Decimal:
    """Yuan above 0, at most 8 digits before and 2 after the point, written as text."""
    if not isinstance(value, str):
        raise Refusal("not_text", 422, f'{label}应为文字，例如 "128.50"', field)
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


def best(visits: Iterable[VisitDay], scope: OneTimeScope) -> OneTime | None:
    """The largest 一次性消费, the earliest of equals."""
    found = (visit.one_time(scope) for visit in visits)
    return max(found, key=lambda one_time: one_time.points, default=None)


def best_points(visits: Iterable[VisitDay], scope: OneTimeScope) -> int:
    """The points of the largest 一次性消费; 0 without any."""
    found = best(visits, scope)
    return found.points if found else 0


def points_on(visits: Iterable[VisitDay], day: date) -> int:
    """Net points of one business day so far."""
    return sum(visit.total.points for visit in visits if visit.total.day == day)


def eligible_since(rules: Rules, visits: Iterable[VisitDay]) -> date | None:
    """The first day on which the receipts, in order of days, allowed joining (R26)."""
    cumulative = 0
    for visit in visits:
        cumulative += visit.total.points
        one_time = visit.one_time(rules.one_time_scope).points
        if reached(rules, one_time=one_time, cumulative=cumulative):
            return visit.total.day
    return None


def levels_reached(
    *, held_rank: int, visits: Iterable[VisitDay], posted: Sequence[PostedReceipt]
) -> list[Cause]:
    """The levels above `held_rank` that a member's new receipts reach, one after the other.

    `visits` are those after all of `posted`; the way there is walked again receipt by receipt,
    so that a file of a thousand rows reaches what a thousand payments reach (R12–R15, C16).
    """
    running = _before(visits, posted)
    causes = []
    for receipt in posted:
        running[receipt.paid.day] = _plus(running[receipt.paid.day], receipt.paid, 1)
        by_day = receipt.rules.one_time_scope == "day"
        one_time = running[receipt.paid.day] if by_day else receipt.paid
        found = reached(
            receipt.rules, one_time=one_time.points, cumulative=receipt.cumulative_after
        )
        if found and found.tier.rank > held_rank:
            held_rank = found.tier.rank
            causes.append(_cause(found, one_time, receipt))
    return causes


def _cause(found: Reached, one_time: OneTime, receipt: PostedReceipt) -> Cause:
    return cause_of(
        found,
        one_time,
        entry_id=receipt.entry_id,
        scheme_id=receipt.scheme_id,
        cumulative=receipt.cumulative_after,
    )


def _before(visits: Iterable[VisitDay], posted: Iterable[PostedReceipt]) -> dict[date, OneTime]:
    running = {visit.total.day: visit.total for visit in visits}
    for receipt in posted:
        running[receipt.paid.day] = _plus(running[receipt.paid.day], receipt.paid, -1)
    return running


def _plus(day: OneTime, paid: OneTime, sign: int) -> OneTime:
    return OneTime(day.day, day.points + sign * paid.points, day.yuan + sign * paid.yuan)


def cause_of(
    found: Reached, one_time: OneTime, *, entry_id: int, scheme_id: int, cumulative: int
) -> Cause:
    """The cause of a level, with the sum of the path that reached it."""
    by_sum = found.path == "one_time"
    return Cause(
        tier=found.tier,
        path=found.path,
        entry_id=entry_id,
        scheme_id=scheme_id,
        day=one_time.day,
        points=one_time.points if by_sum else cumulative,
        yuan=one_time.yuan if by_sum else None,
    )


def cause_sentence(
    *, tier: str, lowest: bool, path: str, day: date, points: int, yuan: Decimal | None
) -> str:
    """One sentence for patient and staff: when and how a level was reached (R12–R15)."""
    result = f"成为{tier}" if lowest else f"升级为{tier}"
    if path == "one_time" and yuan is not None:
        direct = "" if lowest else "直接"
        return f"{day} 一次性消费 {yuan_text(yuan)} 元，{direct}{result}"
    if path == "cumulative":
        return f"{day} 累计积分达到 {points:,} 分，{result}"
    if path == "review":
        return f"{day} 经级别复核调整为{tier}"
    return f"{day} {result}"


def yuan_text(amount: Decimal) -> str:
    """Yuan as people write them: no decimals on a round sum, digits in threes."""
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
