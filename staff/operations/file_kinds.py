"""What the apps say of the files that they take in."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from staff.exceptions import Refusal
from staff.models import Import, User
from staff.spreadsheets import Column, Row


class Save(Protocol):
    """Saves rows: for each what it was (NEW, CHANGED or SAME), or its refusal."""

    def __call__(
        self, *, rows: Sequence[Row], by: User, now: datetime, batch: Import
    ) -> Sequence[str | Refusal]: ...


class Finish(Protocol):
    """What follows when a file is through."""

    def __call__(self, *, batch: Import, by: User, now: datetime) -> object: ...


def _nothing(*, batch: Import, by: User, now: datetime) -> None:
    pass


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its columns, how its rows are saved and what else there is to know.

    `keys` are the fields by which rows are about the same thing. `completed` adds to a row what
    earlier ones of the file say of it. `worth` is what a new row comes to, in `unit`. `asked`
    follows an import by page, `granted` one by command.
    """

    kind: Import.Kind
    columns: Sequence[Column]
    save: Save
    keys: Sequence[str]
    completed: Callable[[Iterable[Row]], Iterator[Row]] = iter
    worth: Callable[[Row], Decimal] = lambda row: Decimal(0)
    unit: str = ""
    asked: Finish = _nothing
    granted: Finish = _nothing
