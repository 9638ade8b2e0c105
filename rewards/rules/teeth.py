"""Teeth by their numbers in FDI notation: quadrant, then place from the middle. Pure."""

import re
from collections.abc import Sequence

from staff.exceptions import Refusal
from staff.rules import plain


def _row(right: int, left: int, places: int) -> tuple[str, ...]:
    """A row of teeth as one looks at a mouth: the patient's right side first."""
    return (
        *(f"{right}{place}" for place in range(places, 0, -1)),
        *(f"{left}{place}" for place in range(1, places + 1)),
    )


PERMANENT = (_row(1, 2, 8), _row(4, 3, 8))
MILK = (_row(5, 6, 5), _row(8, 7, 5))
# What is sold by the tooth is counted in this unit.
PER_TOOTH = "颗"

_ALL = frozenset(tooth for row in (*PERMANENT, *MILK) for tooth in row)
_SIDES = {"1": "右上", "2": "左上", "3": "左下", "4": "右下"}
_PLACES = (
    "中切牙",
    "侧切牙",
    "尖牙",
    "第一前磨牙",
    "第二前磨牙",
    "第一磨牙",
    "第二磨牙",
    "第三磨牙",
)
_MILK_PLACES = ("乳中切牙", "乳侧切牙", "乳尖牙", "第一乳磨牙", "第二乳磨牙")
_BETWEEN = re.compile(r"[\s,，、;；]+")


def tooth_name(tooth: str) -> str:
    """What a tooth is called, such as 右下第一磨牙."""
    quadrant, place = int(tooth[0]), int(tooth[1])
    if quadrant > 4:
        return _SIDES[str(quadrant - 4)] + _MILK_PLACES[place - 1]
    return _SIDES[tooth[0]] + _PLACES[place - 1]


def teeth_from(value: object, *, field: str = "teeth") -> tuple[str, ...]:
    """Teeth in ascending order, from a list or from a text with blanks or commas between them.

    Raises Refusal 422 for what is no tooth, or named twice.
    """
    if isinstance(value, str):
        value = [each for each in _BETWEEN.split(plain(value)) if each]
    if not isinstance(value, list | tuple | None):
        raise Refusal("not_teeth", 422, '牙位应为列表，例如 ["36", "46"]', field)
    found = tuple(sorted(_tooth(each, field) for each in value or ()))
    if twice := _twice(found):
        raise Refusal("tooth_twice", 422, f"牙位 {twice} 写了两次，请核对", field)
    return found


def _tooth(value: object, field: str) -> str:
    written = str(value).strip() if isinstance(value, str | int) else ""
    if written not in _ALL:
        message = f"没有牙位 {written or value}；请用国际牙位编号，例如恒牙 36、乳牙 75"
        raise Refusal("no_such_tooth", 422, message, field)
    return written


def _twice(teeth: Sequence[str]) -> str | None:
    return next((one for one, other in zip(teeth, teeth[1:], strict=False) if one == other), None)
