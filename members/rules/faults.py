"""Everything that is wrong with a form, instead of the first thing only."""

from collections.abc import Callable
from typing import TypeVar

from staff.exceptions import Refusal

T = TypeVar("T")


def tried(faults: list[Refusal], read: Callable[[], T]) -> T | None:
    """What `read` returns; None where it refuses, and the refusal is added to `faults`."""
    try:
        return read()
    except Refusal as refusal:
        faults.append(refusal)
        return None


def first_raised(faults: list[Refusal]) -> None:
    """Raise the first fault, if there is any."""
    if faults:
        raise faults[0]
