"""Values that reach every app from outside: text, identifiers, days, moments, yes and no.

Each function takes what a form, a JSON body or a cell delivered and returns the value, or raises
a Refusal that names the field and says in Chinese what is wrong.
"""

import hashlib
import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from staff.exceptions import Refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")
# What saving something came to.
NEW, CHANGED, SAME = "new", "changed", "same"
# Browsers send this in place of a surrogate, programs in place of bytes they could not read.
_BROKEN = "\N{REPLACEMENT CHARACTER}"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def text(value: object, *, field: str, label: str, longest: int, required: bool = True) -> str:
    """`value` without surrounding blanks; nothing in it that can't be seen, such as NUL."""
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise Refusal("not_text", 422, f"{label}应为文字", field)
    value = value.strip()
    if _BROKEN in value or not value.isprintable() and any(map(_is_control, value)):
        raise Refusal("unprintable", 422, f"{label}含有无法识别的字符，请重新输入", field)
    if not value and required:
        raise Refusal("required", 422, f"请填写{label}", field)
    if len(value) > longest:
        raise Refusal("too_long", 422, f"{label}最多 {longest} 个字", field)
    return value


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Cf")


def plain(written: str) -> str:
    """Full-width digits and signs as ordinary ones, without surrounding blanks."""
    if not written.isascii():
        written = unicodedata.normalize("NFKC", written)
    return written.strip()


def identifier(value: object, *, field: str, label: str) -> str:
    """A number on paper, kept as text: "00001" is not "1"; 1–64 printable characters."""
    found = text(value, field=field, label=label, longest=64)
    if not found.isprintable():
        raise Refusal("unprintable", 422, f"{label}含有无法识别的字符，请重新输入", field)
    return found


def day(value: object, *, field: str, label: str) -> date:
    """A calendar day written YYYY-MM-DD."""
    written = text(value, field=field, label=label, longest=64)
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        message = f"{label} {written} 不存在，请核对年月日"
        raise Refusal("no_such_day", 422, message, field) from None
    raise Refusal("not_a_day", 422, f"{label}应写作 2026-01-31 这样的日期", field)


def moment(
    value: object, *, field: str, label: str, now: datetime, zone: ZoneInfo | None = None
) -> datetime:
    """An ISO 8601 time, not after `now`; without `zone` it must name its own."""
    written = text(value, field=field, label=label, longest=64)
    try:
        found = datetime.fromisoformat(written)
        if found.tzinfo is None and zone:
            found = found.replace(tzinfo=zone)
        in_future = found > now
    except (ValueError, OverflowError, TypeError):
        example = "2026-01-31 09:30" if zone else "2026-01-31T09:30:00+08:00"
        raise Refusal("not_a_time", 422, f"{label}应写作 {example} 这样的时间", field) from None
    if in_future:
        raise Refusal("in_future", 422, f"{label}不能晚于现在", field)
    if found.year < 1900:
        raise Refusal("not_a_time", 422, f"{label}的年份不对", field)
    return found


def yes_no(value: object, *, field: str, label: str) -> bool:
    """A question that was answered; an unanswered one is refused."""
    if value is True or value is False:
        return value
    raise Refusal("not_yes_or_no", 422, f"请回答是或否：{label}", field)


def business_day(at: datetime) -> date:
    """The hospital's day of a moment: Asia/Shanghai."""
    return at.astimezone(SHANGHAI).date()


def digest_of(text: str) -> str:
    """SHA-256 in hexadecimal; enough for an API token, too, which is long and random."""
    return hashlib.sha256(text.encode()).hexdigest()
