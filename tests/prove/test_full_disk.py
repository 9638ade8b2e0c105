"""On a full disk nothing acknowledged is lost, and work goes on by itself once there is room."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from config import embedded_postgres
from tests.prove.crashes.installation import Installation, wait_until
from tests.prove.crashes.judging import faults
from tests.prove.crashes.load import Load, Log

MEGABYTES = 300
SECONDS = 60.0
SECONDS_FULL = 5.0
RATE = 20.0
LONGEST_OUTAGE = 10.0


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Its cluster lies on a disk of its own, which is small."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", f"-osize={MEGABYTES}m", "tmpfs", disk], check=True)
    disk.chmod(0o755)
    place = Installation(tmp_path, cluster=disk / "postgres")
    yield place
    place.stop()
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_loses_nothing_and_work_resumes_by_itself(installation: Installation) -> None:
    token = installation.prepare()
    load = Load(port=installation.port, token=token, rate=RATE, seconds=SECONDS)
    with installation.serving(), _at_work(load):
        wait_until(lambda: len(load.log.acknowledged) > RATE)
        tables = _outage(installation, load.log, lambda: load.log.put_off["disk_full"] > 0)
        log = _outage(installation, load.log, lambda: _out_of_log(installation))
    print(f"{len(load.log.acknowledged)} answers, put off {dict(load.log.put_off)}")
    print(f"back after room was made: tables {tables:.1f} s, log {log:.1f} s")
    assert faults(load.log, installation.books()) == []
    assert load.log.odd == []
    assert max(tables, log) < LONGEST_OUTAGE
    checked = installation.run("manage.py", "check_books")
    assert checked.returncode == 0, checked.stdout


@contextlib.contextmanager
def _at_work(load: Load) -> Iterator[None]:
    with ThreadPoolExecutor(1) as beside:
        done = beside.submit(load.run)
        yield
        done.result()


def _outage(installation: Installation, log: Log, harmed: Callable[[], bool]) -> float:
    """Fill the disk until it hurts, keep it so for a while; the seconds it took to come back."""
    filler = installation.cluster.directory.parent / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
    try:
        wait_until(harmed)
        time.sleep(SECONDS_FULL)
    finally:
        freed = time.monotonic()
        filler.unlink()
    wait_until(lambda: log.outage_after(freed) < float("inf"))
    return log.outage_after(freed)


def _out_of_log(installation: Installation) -> bool:
    """Write until the server can't write its log any more; whether it broke down over it.

    Its own words about that are lost: they'd go to the same disk.
    """
    url = embedded_postgres.database_url(installation.cluster.directory, "postgres")
    try:
        with psycopg.connect(url, autocommit=True) as greedy:
            while True:
                greedy.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))")
    except psycopg.OperationalError as lost:
        return "terminated abnormally" in str(lost)
