"""Phones and ID numbers that go in are nowhere in clear, and keys rotate meanwhile (R41).

Entered by page, API and import into the product as it is served; looked for in a dump of the
database, the log, the sessions, error pages, the API's answers and everything left on disk.
"""

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from config.keys import KeyFile
from desk.backup.books import one_moment, server_version
from desk.backup.programs import environment, programs_of
from members.models import AccessLog, Membership, Patient
from staff.operations.roles import sync_roles
from staff.roles import HIS, ROLES
from tests.factories.scheme import published
from tests.prove.canaries.birds import Canary, canaries, found_below, found_in
from tests.prove.canaries.entering import enter, err, logged_in, search
from tests.prove.canaries.serving import Answer, Browser, Program, Site
from tests.prove.crashes.installation import wait_until

pytestmark = pytest.mark.usefixtures("committing")

SEED = int(os.environ.get("SEED", "1"))
COUNT = 1_000 if os.environ.get("PROVE") else 39
_LINK = re.compile(r'href="(/[^"#]*)')


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The product served, with keys in a file that this process reads, too."""
    (tmp_path / "left").mkdir()
    made = Site(tmp_path / "left")
    made.key_file.write_text(Fernet.generate_key().decode())
    hashers = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    with override_settings(FIELD_KEYS=KeyFile(made.key_file), PASSWORD_HASHERS=hashers):
        sync_roles()
        published()
        yield made


@pytest.fixture
def flock(site: Site) -> list[Canary]:
    return canaries(COUNT, Random(SEED))


@pytest.fixture
def secrets(flock: list[Canary]) -> frozenset[str]:
    return frozenset(secret for canary in flock for secret in canary.secrets)


def see(desk: Browser, flock: list[Canary]) -> None:
    """Each full view is one row of the access log."""
    keys = dict(Patient.objects.values_list("file_number", "pk"))
    for canary in flock:
        path = f"/patients/{keys[canary.file_number]}/reveal/"
        given = {"what": "phone", "reason": f"核对 {canary.file_number}"}
        answer = desk.post(path, **given)
        assert canary.phone in answer.text
    seen = AccessLog.objects.values_list("patient__file_number", "what", "reason")
    expected = [(bird.file_number, ["phone"], f"核对 {bird.file_number}") for bird in flock]
    assert sorted(seen) == sorted(expected)


def browse(site: Site, begin: str) -> bytes:
    """What pages show to somebody who may see them all, a page of each kind."""
    everybody = logged_in(site, *(role for role in ROLES if role != HIS))
    waiting, kinds, shown = [begin, "/"], {begin}, []
    while waiting:
        answer = everybody.get(waiting.pop(0))
        assert answer.status in (200, 302), answer.address
        shown.append(answer.body)
        for link in _LINK.findall(answer.text):
            kind = re.sub(r"\d+", "#", link)
            if kind not in kinds and not link.startswith(("/static/", "/admin/")):
                kinds.add(kind)
                waiting.append(link)
    assert len(shown) > 30
    return b"\n".join(shown)


def dump() -> bytes:
    """The whole database as SQL text."""
    with one_moment() as books:
        _, folder = programs_of(server_version(books))
    command = [str(folder / "pg_dump"), "--no-password"]
    return subprocess.run(command, capture_output=True, env=environment(), check=True).stdout


def sessions() -> bytes:
    return repr([one.get_decoded() for one in Session.objects.all()]).encode()


def answers_that_show_none(site: Site) -> bytes:
    """All that the API said, and every page that says that something went wrong."""
    told = [one for one in site.answers if "/api/" in one.address or one.status >= 400]
    assert len(told) > COUNT
    return b"\n".join(one.body + repr(one.headers).encode() for one in told)


class Work:
    """The desk's and the hospital's work, one request after the other, until it is to end."""

    def __init__(self, desk: Browser, program: Program, flock: list[Canary]) -> None:
        self.done = 0
        self.odd: list[Answer] = []
        self._desk, self._program, self._flock = desk, program, flock
        self._keys = dict(Patient.objects.values_list("file_number", "pk"))
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Work":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ends.is_set():
            canary = self._flock[self.done % len(self._flock)]
            self._look(canary)
            self._write(canary)
            self.done += 1

    def _look(self, canary: Canary) -> None:
        path = f"/patients/{self._keys[canary.file_number]}/reveal/"
        answer = self._desk.post(path, what="phone", reason="核对")
        if answer.status != 200 or canary.phone not in answer.text:
            self.odd.append(answer)

    def _write(self, canary: Canary) -> None:
        given = {"name": canary.name, "phone": canary.phone, "address": f"第 {self.done} 号"}
        answer = self._program.send("PUT", f"/patients/{canary.file_number}", given)
        if answer.status != 200:
            self.odd.append(answer)


def kill_while_it_waits(site: Site, keys: KeyFile) -> None:
    """The new key is in use, nothing is renewed yet, and the command is gone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        rotating = site.manage("rotate_keys")
        wait_until(lambda: len(keys) == 2)
        time.sleep(0.5)
        rotating.kill()
        rotating.communicate()


def rotate(site: Site, desk: Browser, program: Program, flock: list[Canary]) -> None:
    """Keys rotate while requests are answered, in two goes: the first is killed."""
    keys = KeyFile(site.key_file)
    (old,) = keys
    with Work(desk, program, flock) as work:
        kill_while_it_waits(site, keys)
        begun = work.done
        wait_until(lambda: work.done > begun + 3)
        assert len(keys) == 2 and keys[1] == old
        call_command("rotate_keys", stdout=(said := StringIO()))
        begun = work.done
        wait_until(lambda: work.done > begun + 3)
    assert work.odd == [] and "继续上一次的更换" in said.getvalue()
    assert len(keys) == 1 and old not in keys


def test_no_number_is_anywhere_in_clear_and_keys_rotate_while_the_product_serves(
    site: Site, flock: list[Canary], secrets: frozenset[str]
) -> None:
    with site.serving():
        desk, program = enter(site, flock)
        search(desk, flock[0])
        err(site, desk, flock[0])
        see(desk, flock[:5])
        rotate(site, desk, program, flock)
        listed = desk.get("/patients/", q="金丝雀")
        pages = browse(site, f"/patients/{Membership.objects.latest('pk').patient_id}/")
    phones = {patient.file_number: patient.phone for patient in Patient.objects.all()}
    assert phones == {canary.file_number: canary.phone for canary in flock}
    call_command("check_books")
    dumped = dump()
    assert flock[0].name.encode() in dumped and Membership.objects.exists()
    assert found_in(dumped, secrets) == set()
    assert found_in(sessions(), secrets) == set()
    assert found_in(answers_that_show_none(site), secrets) == set()
    assert found_in(listed.body, secrets) == set() and "金丝雀" in listed.text
    assert found_in(pages, secrets) == set()
    assert (site.folder / "log").stat().st_size and found_below(site.folder, secrets) == {}
    # The control: one that is written down is found.
    Patient.objects.filter(file_number="JSQ-0000").update(address=f"{flock[0].phone}转")
    assert found_in(dump(), secrets) == {flock[0].phone}
