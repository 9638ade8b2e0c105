"""Killed under load and robbed of its disk, the product keeps every answer it gave.

`make prove` kills for ten minutes and then destroys the disk. The control answers without
committing: a run that doesn't find that out proves nothing.
"""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prove.crashes.installation import Installation
from tests.prove.crashes.judging import faults
from tests.prove.crashes.killer import Killer
from tests.prove.crashes.load import Load, Log

FULL = bool(os.environ.get("PROVE"))
SECONDS = 600.0 if FULL else 4.0
SECONDS_OF_CONTROL = 4.0
RATE = 20.0
LONGEST_OUTAGE = 10.0 if FULL else 60.0


pytestmark = pytest.mark.long


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    place = Installation(tmp_path)
    yield place
    place.stop()


def test_every_answer_outlives_kills_and_a_destroyed_disk(installation: Installation) -> None:
    token = installation.prepare()
    log = _under_kills(installation, token)
    assert faults(log, installation.books()) == []
    _books_are_right(installation)

    if FULL:  # A backup and its way back are tested by themselves, too.
        _from_the_backup_alone(installation)
        assert faults(log, installation.books()) == []

    assert _control(installation, token), "answers without a commit were not found out"


def _under_kills(installation: Installation, token: str) -> Log:
    load = _load(installation, token, SECONDS)
    with (
        installation.serving() as master,
        Killer(master, installation.cluster, SECONDS, is_back=load.log.answered_since) as killer,
    ):
        log = load.run(goes_on=killer.is_at_work)
    outages = [(log.outage_after(kill.moment), kill.kind) for kill in killer.kills if kill.last]
    print(f"{len(log.acknowledged)} answers, put off {dict(log.put_off)}")
    print(f"kills {dict(killer.counts())}, longest outage {max(outages)}")
    assert log.odd == []
    assert killer.counts().keys() == {"worker", "backend", "postmaster"}
    assert max(outages)[0] < LONGEST_OUTAGE
    assert len(log.acknowledged) > SECONDS * RATE / 3
    return log


def _books_are_right(installation: Installation) -> None:
    checked = installation.run("manage.py", "check_books")
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout


def _from_the_backup_alone(installation: Installation) -> None:
    """The page of the runbook: the data folder is gone, the backup and the keys are left."""
    began = time.monotonic()
    made = installation.run("manage.py", "backup")
    assert made.returncode == 0, made.stderr
    installation.stop()
    shutil.rmtree(installation.cluster.directory)
    (backup,) = (installation.directory / "backups").glob("membership-*")
    middle = time.monotonic()
    restored = installation.run("manage.py", "restore", str(backup))
    print(f"backup {middle - began:.1f} s, restore {time.monotonic() - middle:.1f} s")
    print(restored.stdout)
    assert restored.returncode == 0, restored.stderr
    assert "账目无误" in restored.stdout


def _control(installation: Installation, token: str) -> bool:
    load = _load(installation, token, SECONDS_OF_CONTROL)
    with installation.serving("tests.prove.crashes.lying"):
        log = load.run()
    found = faults(log, installation.books())
    return any("acknowledged, 0 rows" in fault for fault in found)


def _load(installation: Installation, token: str, seconds: float) -> Load:
    return Load(port=installation.port, token=token, rate=RATE, seconds=seconds)
