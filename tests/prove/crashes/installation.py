"""An installation of its own: cluster, keys, port and processes, all in one folder."""

import contextlib
import os
import random
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from cryptography.fernet import Fernet

from config import embedded_postgres
from config.embedded_postgres import BASE_DIR
from config.embedded_postgres.cluster import Cluster
from tests.prove.crashes.books import Books

PATIENCE = 60.0
# The system gives ports from 32768 on to clients, maybe ours before the server asks for it.
PORTS = (20_000, 32_000)


class Installation:
    """`directory` holds everything; `port` on loopback is its own; `cluster` may lie elsewhere."""

    def __init__(self, directory: Path, *, cluster: Path | None = None) -> None:
        self.directory = directory
        self.port = free_port()
        self.cluster = Cluster((cluster or directory / "postgres").resolve())
        self._environment = {
            "PATH": os.environ["PATH"],
            # Empty, not absent: a developer's .env may name a server.
            "DATABASE_URL": "",
            "EMBEDDED_PG_DIR": str(self.cluster.directory),
            "FILES_DIR": str(directory / "files"),
            "BACKUP_DIR": str(directory / "backups"),
            "UPLOADS_DIR": str(directory / "uploads"),
            "PORT": str(self.port),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": Fernet.generate_key().decode(),
            "INDEX_KEY": secrets.token_urlsafe(32),
        }

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """A Python command line of the product, to its end."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=BASE_DIR,
            env=self._environment,
            capture_output=True,
            text=True,
        )

    def prepare(self) -> str:
        """Tables, roles, rules; the token of a program that may post everything."""
        done = self.run("-m", "tests.prove.crashes.prepare")
        assert done.returncode == 0, done.stderr
        return done.stdout.split()[-1]

    @contextlib.contextmanager
    def serving(self, settings: str = "config.settings") -> Iterator[psutil.Process]:
        """The product served as `make serve` does it; yields gunicorn's first process."""
        command = [sys.executable, "-m", "config.embedded_postgres", "run", "--quiet"]
        command += ["--directory", str(self.cluster.directory), "--", sys.executable]
        command += ["-m", "gunicorn", "--config", "config/gunicorn.py"]
        command += ["config.wsgi:application"]
        environment = self._environment | {"DJANGO_SETTINGS_MODULE": settings}
        with (
            (self.directory / "log").open("ab") as log,
            subprocess.Popen(
                command, cwd=BASE_DIR, env=environment, stdout=log, stderr=log
            ) as running,
        ):
            try:
                self._wait(running)
                (master,) = psutil.Process(running.pid).children()
                yield master
            finally:
                running.terminate()
                running.wait(PATIENCE)

    def books(self) -> Books:
        """What its database holds; the server is running after that."""
        embedded_postgres.start(self.cluster.directory)
        return Books.of(embedded_postgres.database_url(self.cluster.directory))

    def said(self) -> str:
        """What its servers wrote."""
        return (self.directory / "log").read_text(encoding="utf-8")

    def stop(self) -> None:
        embedded_postgres.stop(self.cluster.directory)

    def _wait(self, running: "subprocess.Popen[bytes]") -> None:
        def ready() -> bool:
            assert running.poll() is None, self.said()[-3000:]
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz"):
                    return True
            except OSError:
                return False

        wait_until(ready)


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
