"""The numbers themselves, and where one of them is found in clear."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.factories.members import resident_id

_RUN = re.compile(rb"\d{11,}X?")
_LENGTHS = (11, 18)


@dataclass(frozen=True)
class Canary:
    """An invented person whose numbers nobody else has."""

    file_number: str
    name: str
    phone: str
    id_number: str
    guardian_phone: str

    @property
    def secrets(self) -> tuple[str, str, str]:
        return self.phone, self.id_number, self.guardian_phone


def canaries(count: int, random: Random) -> list[Canary]:
    """`count` people under age, with a guardian whose phone is a secret, too."""
    drawn = random.sample(range(10**8), 2 * count)
    return [
        Canary(
            file_number=f"JSQ-{place:04d}",
            name=f"金丝雀{place}",
            phone=f"139{drawn[2 * place]:08d}",
            id_number=resident_id(f"20200{1 + place % 9}{1 + place % 28:02d}"),
            guardian_phone=f"138{drawn[2 * place + 1]:08d}",
        )
        for place in range(count)
    ]


def found_in(content: bytes, secrets: frozenset[str]) -> set[str]:
    """The secrets that stand in `content` in clear, whatever digits stand beside them."""
    return {window for run in _RUN.findall(content) for window in _windows(run.decode())} & secrets


def _windows(run: str) -> Iterator[str]:
    for length in _LENGTHS:
        for start in range(len(run) - length + 1):
            yield run[start : start + length]


def found_below(folder: Path, secrets: frozenset[str]) -> dict[str, set[str]]:
    """The same for every file below a folder, by its path."""
    files: Iterable[Path] = (path for path in folder.rglob("*") if path.is_file())
    found = {str(file.relative_to(folder)): found_in(file.read_bytes(), secrets) for file in files}
    return {name: secrets for name, secrets in found.items() if secrets}
