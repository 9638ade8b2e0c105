"""A client and what it knows of its patients."""

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from math import floor


@dataclass
class Paper:
    """A receipt in yuan: what was paid, and what is left of it after refunds."""

    amount: Decimal
    left: Decimal


@dataclass
class File:
    """A patient file as its client knows it: what was acknowledged."""

    number: str
    member: bool = False
    papers: dict[str, Paper] = field(default_factory=dict)

    @property
    def points(self) -> int:
        return sum(floor(paper.left) for paper in self.papers.values())


@dataclass
class Desk:
    """One client, alone with its patients; numbers begin with `prefix`."""

    prefix: str
    files: list[File] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def next(self, letter: str) -> str:
        return f"{letter}{self.prefix}-{next(self._numbers)}"
