"""PostgreSQL's own programs: the ones that fit the server, and how they reach it."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from django.db import connection

from config.embedded_postgres import EmbeddedPostgresError, programs
from desk.backup.exceptions import BackupError

_NAMES = ("pg_dump", "pg_restore", "psql")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_PACKAGES = Path("/usr/lib/postgresql")


def programs_of(version: int) -> tuple[int, Path]:
    """The oldest programs here of at least major `version`: theirs, and their folder.

    A dump is read by programs as new as those that wrote it, and written by such as are as new
    as the server. Raises BackupError.
    """
    found = sorted(
        ((ours, place) for place in _places() if (ours := _version(place)) >= version),
        key=lambda candidate: candidate[0],
    )
    if not found:
        raise BackupError(
            f"这台机器上没有第 {version} 版或更新的 pg_dump、pg_restore 和 psql，"
            f"请安装 postgresql-client-{version}"
        )
    return found[0]


def environment() -> dict[str, str]:
    """How the programs reach our database; a password never stands on a command line."""
    given = connection.get_connection_params()
    known = psycopg.pq.Conninfo.get_defaults()
    reach = {
        option.envvar.decode(): str(given[option.keyword.decode()])
        for option in known
        if option.envvar and given.get(option.keyword.decode()) is not None
    }
    return programs.environment() | reach


def _places() -> Iterator[Path]:
    yield from sorted(_PACKAGES.glob("*/bin"))
    if on_path := shutil.which("pg_dump"):
        yield Path(on_path).parent
    try:
        yield programs.binaries()
    except EmbeddedPostgresError:
        return


def _version(place: Path) -> int:
    """The major version of the programs in a folder; 0 if one of them is missing."""
    if not all(os.access(place / name, os.X_OK) for name in _NAMES):
        return 0
    asked = [str(place / "pg_dump"), "--version"]
    told = _VERSION.search(subprocess.run(asked, capture_output=True, text=True).stdout)
    return int(told[1]) if told else 0
