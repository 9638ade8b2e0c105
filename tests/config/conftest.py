import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import embedded_postgres

ByHand = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def bare_environment() -> dict[str, str]:
    """What cron or a container gives: no home, no locale."""
    return {"PATH": os.environ["PATH"], "LANG": "C", "LC_ALL": "C"}


@pytest.fixture(scope="session")
def by_hand(bare_environment: dict[str, str]) -> ByHand:
    """`by_hand(action, directory, ...)`: python -m config.embedded_postgres."""

    def run(action: str, directory: Path, *rest: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "config.embedded_postgres", action]
        return subprocess.run(
            [*command, "--directory", str(directory), *rest],
            capture_output=True,
            text=True,
            env=bare_environment,
        )

    return run


@pytest.fixture(scope="module")
def home(by_hand: ByHand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cluster for a module: making one takes a second, starting it a tenth."""
    directory = tmp_path_factory.mktemp("cluster") / "pg"
    finished = by_hand("start", directory)
    assert finished.returncode == 0, finished.stderr
    yield directory
    embedded_postgres.stop(directory)


@pytest.fixture
def server(home: Path) -> Path:
    embedded_postgres.start(home, durable=False)
    return home
