"""What receipts are refused for, in the words that page, API and file share."""

from datetime import date
from decimal import Decimal

from points.rules import yuan_text
from staff.exceptions import Refusal


def before_first_scheme(day: date) -> Refusal:
    """A payment of a day on which no rules were in force yet (C2)."""
    message = f"{day} 时会员方案尚未开始，当日的消费不计积分"
    return Refusal("before_first_scheme", 422, message, "paid_at")


def receipt_differs(number: str, *, day: date, yuan: Decimal) -> Refusal:
    """A receipt number that stands for another payment, of `day` and of `yuan`."""
    paid = f"{day} 的一笔 {yuan_text(yuan)} 元收费"
    message = f"收据号 {number} 已用于 {paid}，与这次填写的不同，请核对收据号"
    return Refusal("receipt_differs", 409, message, "receipt_number")
