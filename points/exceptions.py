"""What receipts are refused for, in the words that page, API and file share."""

from datetime import date
from decimal import Decimal

from points.rules import yuan_text
from staff.exceptions import Refusal


def before_first_scheme(day: date) -> Refusal:
    """A payment of a day on which no rules were in force yet (C2)."""
    message = f"{day} 时会员方案尚未开始，当日的消费不计积分"
    return Refusal("before_first_scheme", 422, message, "paid_at")


def counted_as_legacy(day: date, until: date) -> Refusal:
    """A payment of a day that the patient's legacy points stand for already (C2)."""
    message = f"该病人转入的原积分已包括 {until} 及以前的消费，{day} 的收费不再计分"
    return Refusal("counted_as_legacy", 422, message, "paid_at")


def unknown_receipt(number: str) -> Refusal:
    """A receipt number that nobody entered."""
    message = f"没有收据号为 {number} 的收费记录，请核对"
    return Refusal("unknown_receipt", 404, message, "receipt_number")


def receipt_voided(number: str) -> Refusal:
    """A receipt that was reversed and not entered again (C39)."""
    message = f"收据号 {number} 已冲正，不再计分；如需重新入账，请在这张收据的页面上“重录”"
    return Refusal("receipt_voided", 409, message, "receipt_number")


def receipt_differs(number: str, *, day: date, yuan: Decimal, same_payer: bool) -> Refusal:
    """A receipt number that stands for another payment, of `day` and of `yuan`."""
    whose = "" if same_payer else "另一位病人 "
    paid = f"{whose}{day} 的一笔 {yuan_text(yuan)} 元收费"
    message = f"收据号 {number} 已用于 {paid}，与这次填写的不同，请核对收据号"
    return Refusal("receipt_differs", 409, message, "receipt_number")
