"""Last days: of what is valid for some months, of a child's years. Pure."""

from calendar import monthrange
from datetime import date, timedelta

from scheme.rules import Rules


def months_after(day: date, months: int | None) -> date | None:
    """The same day `months` later, or the month's last; None where there is no end (C11)."""
    if months is None:
        return None
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def child_until(born: date, rules: Rules) -> date:
    """The last day on which a child is young enough for a child's item (C14).

    Someone born on 29 February turns older on 1 March.
    """
    age = rules.child_age_limit + (0 if rules.child_birthday_ends else 1)
    year = born.year + age
    leaps = (born.month, born.day) == (2, 29) and monthrange(year, 2)[1] == 28
    birthday = date(year, 3, 1) if leaps else born.replace(year=year)
    return birthday - timedelta(days=1)
