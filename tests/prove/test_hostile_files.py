"""Damaged and dishonest spreadsheets through the import pages, from the upload to the last row."""

import logging
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from desk.imports import KINDS
from scheme.models import Scheme
from staff.spreadsheets import reading
from tests.desk.conftest import browser_of
from tests.factories.staff import user
from tests.prove.answers import Judge, Memory, fault_of
from tests.prove.edits import sentences
from tests.prove.files import hostile_file
from tests.prove.test_hostile_inputs import MOST_MEMORY, PROVE, SEED

FILES = 3_000 if PROVE else 40

pytestmark = pytest.mark.django_db


@pytest.fixture
def judge() -> Judge:
    return Judge(Random(SEED), SEED, often=1 if PROVE else 10, timed=PROVE)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def marketing(db: None, scheme: Scheme) -> Client:
    found = browser_of(user("市场部"))
    found.raise_request_exception = False
    return found


def send(judge: Judge, browser: Client) -> None:
    """One file of one kind: sent, checked, saved, and its refused rows fetched."""
    kind = judge.random.choice(list(KINDS.values()))
    name, content = hostile_file(judge.random, kind.columns)
    judge.send(
        f"{kind.kind.value} {name!r} {content[:300]!r}",
        lambda: _imported(browser, f"/imports/new/{kind.kind.value}/", name, content),
    )


def _imported(browser: Client, address: str, name: str, content: bytes) -> Any:
    """The answer to the upload, or the first answer after it that has a fault."""
    sent = browser.post(address, {"file": SimpleUploadedFile(name, content)})
    if sent.status_code != 302:
        return sent
    batch = sent.headers["Location"]
    steps = ("next/", "", "save/", "next/", "next/", "", "refused/")
    for step in steps:
        fetches = step in ("", "refused/")
        answer = browser.get(batch + step) if fetches else browser.post(batch + step)
        if fault_of(answer):
            return answer
    return sent


def test_every_import_takes_hostile_files(judge: Judge, marketing: Client) -> None:
    memory = Memory()
    for _ in range(FILES):
        send(judge, marketing)
    assert judge.faults == []
    assert judge.taken, "nothing was ever taken: these tests are void"
    assert sentences() == []
    assert memory.peak() < MOST_MEMORY


def test_control_a_reader_that_breaks_on_a_heading_is_found(
    judge: Judge, marketing: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def planted(cell: str) -> str:
        assert cell.strip(), "planted"
        return shipped(cell)

    shipped = reading._heading
    monkeypatch.setattr(reading, "_heading", planted)
    while judge.sent < 10 * FILES and not judge.faults:
        send(judge, marketing)
    assert judge.faults, "the planted crash was not found: these tests are void"
