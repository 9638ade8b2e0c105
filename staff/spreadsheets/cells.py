"""What one cell says: from what Excel delivers to text that the parsers understand. Pure."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite

from staff import rules as values
from staff.exceptions import Refusal
from staff.rules import plain

# Excel keeps 15 digits of a number; what was longer, such as an ID number, is lost.
_MOST_DIGITS = 1e15
_DAY_ZERO = datetime(1899, 12, 30)
_LONGEST_MOMENT = 40
_LOST_DIGITS = re.compile(r"[-+]?\d(\.\d+)?[Ee]\+\d+", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?:日|(?=[T\s])|$)"
    r"(?:[T\s]*(上午|下午)?\s?(\d{1,2})[:时](\d{1,2})分?(?::?(\d{1,2})(?:\.\d+)?秒?)?)?",
    re.ASCII,
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})()(?:(\d{2})(\d{2})(\d{2})?)?", re.ASCII)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
_YUAN = re.compile(r"¥?\s?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?\s?元?", re.ASCII)


def text_of(cell: object) -> str:
    """A cell as text: numbers without float noise, dates in ISO form.

    A number of more than 15 digits comes as Excel shows it, 5.30302198511230E+17.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _number_text(number: float) -> str:
    if not isfinite(number):
        return str(number)
    if abs(number) >= _MOST_DIGITS:
        return f"{number:.14E}"
    return f"{Decimal(f'{number:.15g}'):f}"


def number_text(written: str, *, field: str, label: str) -> str:
    """A phone or document number; one whose digits Excel lost is refused."""
    found = plain(written).removeprefix("'").removesuffix(".0")
    _check_digits(found, field, label)
    return found


def identifier(written: object, *, field: str, label: str) -> str:
    """A number on paper, kept as text, full-width digits as others; a lost digit is refused."""
    if isinstance(written, str):
        written = plain(written).removeprefix("'")
    found = values.identifier(written, field=field, label=label)
    _check_digits(found, field, label)
    return found


def _check_digits(written: str, field: str, label: str) -> None:
    if _LOST_DIGITS.fullmatch(written):
        # Without what is left of it: an ID number, too, would stand on the screen.
        message = (
            f"{label}被 Excel 当成了数字，后几位已丢失。"
            "请回到原系统重新导出：先把这一列的单元格格式设为“文本”"
        )
        raise Refusal("digits_lost", 422, message, field)


def amount_text(written: str) -> str:
    """Yuan without ¥, 元, thousands separators and needless zeros; anything else unchanged."""
    found = _YUAN.fullmatch(plain(written))
    if not found:
        return written
    whole, fraction = found[1].replace(",", ""), found[2] or ""
    fraction = fraction[:2] + fraction[2:].rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def day_text(written: str) -> str:
    """A day as YYYY-MM-DD, whatever Excel or people make of it; anything else unchanged."""
    found = _moment(written)
    return found.date().isoformat() if found else written


def moment_text(written: str) -> str:
    """A time in ISO form, with its zone if it has one; anything else unchanged."""
    found = _moment(written)
    return found.isoformat(" ") if found else written


def _moment(written: str) -> datetime | None:
    try:
        if not (written.isdigit() or "W" in written):
            return datetime.fromisoformat(written)
    except ValueError:
        pass
    written = plain(written[:_LONGEST_MOMENT])
    try:
        if _SERIAL.fullmatch(written):
            return _DAY_ZERO + timedelta(seconds=round(float(written) * 86_400))
        if found := _MOMENT.fullmatch(written) or _DIGITS.fullmatch(written):
            return _moment_of(*found.groups())
    except (ValueError, OverflowError):
        pass
    return None


def _moment_of(
    year: str, month: str, day: str, half: str, hour: str, minute: str, second: str
) -> datetime:
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half == "下午" else 0)
    return datetime(int(year), int(month), int(day), hours, int(minute or 0), int(second or 0))
