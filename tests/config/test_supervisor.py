"""While a command runs, its server comes back by itself, and stays down when told to."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config import embedded_postgres
from config.embedded_postgres.cluster import Cluster
from tests.config.conftest import ByHand


def wait_until(happened: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def a_running_command(home: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`run -- sleep`: what a supervisor does, seen from outside; its stderr is kept."""
    arguments = ["run", "--directory", str(home), "--", "sleep", "60"]
    command = [sys.executable, "-m", "config.embedded_postgres", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as running:
        try:
            wait_until(lambda: embedded_postgres.status(home))
            # Until it is watched over; the server is ready a moment before.
            wait_until(lambda: not Cluster(home.resolve()).stopped.exists())
            yield running
        finally:
            running.terminate()


def kill_server(home: Path) -> int:
    pid = Cluster(home.resolve()).postmaster()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_killed_server_is_back_within_ten_seconds_with_every_row(
    home: Path, bare_environment: dict[str, str]
) -> None:
    embedded_postgres.stop(home)
    with a_running_command(home, bare_environment) as running:
        with psycopg.connect(embedded_postgres.database_url(home)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        killed = kill_server(home)
        wait_until(lambda: embedded_postgres.status(home), seconds=10)
        assert Cluster(home.resolve()).postmaster() != killed
        with psycopg.connect(embedded_postgres.database_url(home)) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        assert running.poll() is None
        running.terminate()
        _, said = running.communicate()
    assert said.splitlines() == ["数据库意外停止，正在重新启动……", "数据库已恢复。"]
    assert not embedded_postgres.status(home)


def test_a_server_stopped_by_hand_stays_stopped_until_it_is_started(
    home: Path, bare_environment: dict[str, str], by_hand: ByHand
) -> None:
    embedded_postgres.stop(home)
    with a_running_command(home, bare_environment) as running:
        by_hand("stop", home)
        time.sleep(1.2)
        assert not embedded_postgres.status(home)
        by_hand("start", home)
        kill_server(home)
        wait_until(lambda: embedded_postgres.status(home))
        running.terminate()
        _, said = running.communicate()
    assert said.count("意外停止") == 1


def test_a_server_that_cannot_start_is_tried_again_and_told_once(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    embedded_postgres.stop(home)
    monkeypatch.setattr("config.embedded_postgres.cluster.PATIENCE_WITH_THE_DEAD", 0.2)
    monkeypatch.setattr("config.embedded_postgres.supervisor.BETWEEN_LOOKS", 0.05)
    with embedded_postgres.running(home, durable=False):
        with monkeypatch.context() as broken:
            broken.setattr("config.embedded_postgres.cluster.SETTINGS", {"port": "none"})
            kill_server(home)
            time.sleep(1.5)
            assert not embedded_postgres.status(home)
        wait_until(lambda: embedded_postgres.status(home))
        wait_until(lambda: not Cluster(home.resolve()).died())
    said = capfd.readouterr().err.splitlines()
    assert said[0] == "数据库意外停止，正在重新启动……"
    assert [line for line in said if "将不断重试：数据库没有启动" in line] == said[1:2]
