"""What receipts are refused for, in the words that page, API and file share."""

from datetime import date

from staff.exceptions import Refusal


def before_first_scheme(day: date) -> Refusal:
    """A payment of a day on which no rules were in force yet (C2)."""
    message = f"{day} 时会员方案尚未开始，当日的消费不计积分"
    return Refusal("before_first_scheme", 422, message, "paid_at")


def receipt_differs(number: str) -> Refusal:
    """A receipt number that stands for another payment."""
    message = f"收据号 {number} 已按另一笔收费入账，请核对收据号"
    return Refusal("receipt_differs", 409, message, "receipt_number")
