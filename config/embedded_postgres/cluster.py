"""One embedded server: its files, its process, its database."""

import os
import shutil
import signal
import stat
import string
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from config.embedded_postgres import programs
from config.embedded_postgres.programs import EmbeddedPostgresError

OWNER = "app"
PORT = 5432
# With LC_CTYPE=C, as under cron, pg_trgm would find nothing in Chinese text.
INITDB = (f"--username={OWNER}", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
# A refused row must not leave a patient's name in the log: neither the statement nor its values.
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "256MB",
    "unix_socket_permissions": "0700",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "timezone": "UTC",
}
if sys.platform == "linux":
    # After a crash, one call instead of one for each of a thousand files: seconds sooner back.
    SETTINGS["recovery_init_sync_method"] = "syncfs"
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# PostgreSQL allows 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 100
PLAIN = frozenset(string.ascii_letters + string.digits + "/._-")

# Seconds. After a kill -9 the orphaned children hold the shared memory and every start fails;
# a server that is up but still replays its log needs patience, not another start.
PATIENCE_WITH_THE_DEAD = 15.0
PATIENCE_WITH_RECOVERY = 300.0
PATIENCE_WITH_STOPPING = 60.0
BETWEEN_LAUNCHES = 0.5
STEP = 0.05


@dataclass(frozen=True)
class Cluster:
    """The server in `directory` (absolute): folders `data` and `socket`, file `log`.

    Whoever starts or stops it holds the lock of the directory.
    """

    directory: Path

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    @property
    def socket(self) -> Path:
        """The socket's folder; `socket` is a link where a path in `directory` would not do."""
        place = self.directory / "socket"
        return place.readlink() if place.is_symlink() else place

    @property
    def stopped(self) -> Path:
        """This file is there while the server is down because someone stopped it."""
        return self.directory / "stopped"

    @property
    def pid_files(self) -> tuple[Path, Path]:
        return self.data / "postmaster.pid", self.socket / f".s.PGSQL.{PORT}.lock"

    def url(self, name: str) -> str:
        return f"postgres://{OWNER}@/{name}?host={self.socket}&port={PORT}"

    def exists(self) -> bool:
        return self.data.exists()

    def died(self) -> bool:
        """Whether it is down though nobody stopped it."""
        return self.exists() and self.postmaster() is None and not self.stopped.exists()

    def is_ready(self) -> bool:
        where = ("-h", str(self.socket), "-p", str(PORT), "-U", OWNER, "-d", "postgres")
        isready = [str(programs.binaries() / "pg_isready"), "--quiet", *where]
        return subprocess.run(isready, env=programs.environment()).returncode == 0

    def make_if_missing(self) -> None:
        """Made aside and renamed, so that a process killed half-way leaves no half cluster."""
        if self.exists():
            return
        draft = self.directory / "data.new"
        if draft.exists():
            shutil.rmtree(draft)
        _make_private(draft, self._owner())
        initdb = self._command("initdb", "--pgdata", str(draft), *INITDB)
        done = subprocess.run(
            initdb, capture_output=True, text=True, cwd="/", env=programs.environment()
        )
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"无法建立数据库 {draft}：{done.stderr.strip()}")
        draft.rename(self.data)

    def launch_until_ready(self, *, durable: bool) -> None:
        self._provide_socket()
        self._forget_strangers()
        began, launched = time.monotonic(), -BETWEEN_LAUNCHES
        while not self.is_ready():
            waited = time.monotonic() - began
            alive = self.postmaster() is not None
            if waited > (PATIENCE_WITH_RECOVERY if alive else PATIENCE_WITH_THE_DEAD):
                raise EmbeddedPostgresError(f"数据库没有启动，原因见 {self.log}")
            if not alive and waited - launched >= BETWEEN_LAUNCHES:
                self._launch(SETTINGS if durable else SETTINGS | NOT_DURABLE)
                launched = waited
            time.sleep(STEP)

    def stop(self) -> None:
        server = self.postmaster()
        if server is None:
            return
        os.kill(server, signal.SIGINT)
        deadline = time.monotonic() + PATIENCE_WITH_STOPPING
        while self.postmaster() is not None:
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"数据库没有按时停止，原因见 {self.log}")
            time.sleep(STEP)

    def provide_database(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT datname FROM pg_database").fetchall()
            if (name,) not in known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            kinds = "SELECT DISTINCT datctype FROM pg_database"
            if connection.execute(kinds).fetchall() != [("C.UTF-8",)]:
                raise EmbeddedPostgresError(
                    f"数据库 {self.directory} 的字符类型不是 C.UTF-8，搜不到中文，请另建一个"
                )

    def postmaster(self) -> int | None:
        """The pid of our running server; a pid that now belongs to another program is not it."""
        pid = _pid_in(self.pid_files[0])
        try:
            process = psutil.Process(pid)
            ours = process.name() == "postgres" and str(self.data) in process.cmdline()
            return pid if ours and process.status() != psutil.STATUS_ZOMBIE else None
        except (ValueError, psutil.Error):
            return None

    def _owner(self) -> int:
        owner = self.data.stat().st_uid if self.exists() else programs.account()
        if os.geteuid() not in (0, owner):
            raise EmbeddedPostgresError(f"数据库 {self.directory} 属于用户 {owner}，请用该用户运行")
        return owner

    def _command(self, program: str, *arguments: str) -> list[str]:
        return programs.command(self._owner(), self.directory, program, *arguments)

    def _provide_socket(self) -> None:
        place = self.directory / "socket"
        if not place.is_symlink() and _fits(place):
            if not place.exists():
                _make_private(place, self._owner())
        elif not _is_private(self.socket, self._owner()):
            place.unlink(missing_ok=True)
            folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
            os.chown(folder, self._owner(), -1)
            place.symlink_to(folder)

    def _forget_strangers(self) -> None:
        """PostgreSQL refuses to start while the pid of a crashed server belongs to anyone."""
        if self.postmaster() is None:
            for file in self.pid_files:
                if psutil.pid_exists(_pid_in(file)):
                    file.unlink()

    def _launch(self, settings: dict[str, str]) -> None:
        """Through a shell that ends at once: the server is nobody's child and gets no Ctrl-C."""
        settings = settings | {"unix_socket_directories": str(self.socket)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        postgres = self._command("postgres", "-D", str(self.data), *options)
        with self.log.open("ab") as log:
            subprocess.run(
                ["/bin/sh", "-c", '"$@" &', "sh", *postgres],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=programs.environment(),
                start_new_session=True,
                check=True,
            )


def _pid_in(file: Path) -> int:
    """The pid on the first line, -1 if there is none."""
    try:
        return int(file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return -1


def _fits(place: Path) -> bool:
    name = f"{place}/.s.PGSQL.{PORT}"
    return len(name) <= LONGEST_SOCKET_PATH and PLAIN.issuperset(name)


def _make_private(folder: Path, owner: int) -> None:
    folder.mkdir(mode=0o700)
    os.chown(folder, owner, -1)


def _is_private(folder: Path, owner: int) -> bool:
    """In /tmp anyone may make a folder of any name: trust only one that is ours alone."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (found.st_uid, found.st_mode) == (owner, stat.S_IFDIR | 0o700)
