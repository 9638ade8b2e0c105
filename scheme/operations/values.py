"""Readers of single values of a scheme file: each takes the key and what stands there."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, get_args

from staff.exceptions import Refusal

Reader = Callable[[str, object], Any]

MAX_WHOLE = 100_000_000
FIRST_YEAR = 1990


def wrong(key: str, sentence: str) -> Refusal:
    """The refusal of a file that names the key at fault."""
    return Refusal("scheme_file_wrong", 422, f"规则文件中的 {key}：{sentence}", key)


def shown(value: object) -> str:
    """What stands in the file, short enough for a sentence."""
    text = printable(str(value).lower() if isinstance(value, bool) else value)
    return text if len(text) <= 40 else text[:40] + "…"


def printable(value: object) -> str:
    """The value as text in which everything that does not print is escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(value)[:200])


def yes_no(key: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise wrong(key, f"应为 true 或 false，现在是 {shown(value)}")


def whole(key: str, value: object, *, most: int = MAX_WHOLE) -> int:
    """A positive whole number up to `most`."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return value
    raise wrong(key, f"应为 1 至 {most} 的整数，现在是 {shown(value)}")


def up_to(most: int) -> Reader:
    """A reader of positive whole numbers up to `most`."""
    return lambda key, value: whole(key, value, most=most)


def months_or(word: str) -> Reader:
    """A reader of a number of months, or of the word that stands for none (None)."""

    def read(key: str, value: object) -> int | None:
        if value == word:
            return None
        if isinstance(value, str):
            raise wrong(key, f"应为月数或 {word}，现在是 {shown(value)}")
        return whole(key, value, most=1200)

    return read


def one_of(choices: object) -> Reader:
    """A reader of one of the words of a Literal type."""
    words: tuple[str, ...] = get_args(choices)

    def read(key: str, value: object) -> str:
        if isinstance(value, str) and value in words:
            return value
        raise wrong(key, f"只能是 {'、'.join(words)}，现在是 {shown(value)}")

    return read


def day(key: str, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime) and value.year >= FIRST_YEAR:
        return value
    raise wrong(key, f"应为 {FIRST_YEAR} 年以后的日期（如 2013-10-01），现在是 {shown(value)}")


def text(most: int) -> Reader:
    """A reader of one line of printable text of 1 to `most` characters."""

    def read(key: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise wrong(key, "应为一行文字，不能空着")
        if not value.isprintable():
            raise wrong(key, "含有换行或其他不可打印的字符")
        if len(value) > most:
            raise wrong(key, f"最多 {most} 个字，现在有 {len(value)} 个")
        return value

    return read


def maybe(reader: Reader) -> Reader:
    """A reader that also takes the empty text."""
    return lambda key, value: "" if value == "" else reader(key, value)


def code(key: str, value: object) -> str:
    """A code such as gift_10."""
    if isinstance(value, str) and len(value) <= 40 and value.isascii():
        plain = value.replace("_", "a")
        if value[:1].isalpha() and plain.isalnum() and value == value.lower():
            return value
    raise wrong(key, f"应为代码，只用小写英文字母、数字和下划线，以字母开头，现在是 {shown(value)}")


def lines(key: str, value: object) -> tuple[str, ...]:
    """Lines of text, such as what a level brings in words."""
    if not isinstance(value, list):
        raise wrong(key, f"应为文字的列表，现在是 {shown(value)}")
    read = text(200)
    return tuple(read(f"{key}[{number}]", line) for number, line in enumerate(value, 1))


def table(key: str, value: object, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """A table with exactly these keys, each read by its reader."""
    if not isinstance(value, dict):
        raise wrong(key, f"应为一组设置，现在是 {shown(value)}")
    prefix = f"{key}." if key else ""
    for name in value:
        if name not in readers:
            raise wrong(prefix + printable(name), "不是可用的设置，请检查拼写")
    for name in readers:
        if name not in value:
            raise wrong(prefix + name, "缺少这一项")
    return {name: read(prefix + name, value[name]) for name, read in readers.items()}


def tables(readers: Mapping[str, Reader]) -> Reader:
    """A reader of a list of tables that all have these keys; the list may be empty."""

    def read(key: str, value: object) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise wrong(key, f"应为若干组设置的列表，现在是 {shown(value)}")
        return [table(f"{key}[{n}]", row, readers) for n, row in enumerate(value, 1)]

    return read
