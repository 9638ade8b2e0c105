"""What receipts are refused for, in the words that page, API and file share."""

from datetime import date

from staff.exceptions import Refusal


def unknown_patient(file_number: str) -> Refusal:
    """A payment for a patient file that isn't there."""
    message = f"没有档案号为 {file_number} 的病人，请核对或先建档案"
    return Refusal("unknown_patient", 404, message, "file_number")


def before_first_scheme(day: date) -> Refusal:
    """A payment of a day on which no rules were in force yet (C2)."""
    message = f"{day} 时会员方案尚未开始，当日的消费不计积分"
    return Refusal("before_first_scheme", 422, message, "paid_at")


def receipt_differs(number: str) -> Refusal:
    """A receipt number that stands for another payment."""
    message = f"收据号 {number} 已按另一笔收费入账，请核对收据号"
    return Refusal("receipt_differs", 409, message, "receipt_number")
