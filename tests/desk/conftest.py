from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from members.models import Patient
from staff.models import User
from staff.operations import staging
from tests.factories.members import patient
from tests.factories.staff import user


def browser_of(colleague: User) -> Client:
    """A browser with this colleague logged in."""
    client = Client()
    client.force_login(colleague, backend="staff.backends.RoleBackend")
    return client


@pytest.fixture
def as_front_desk(db: None) -> Client:
    return browser_of(user("前台"))


@pytest.fixture
def as_doctor(db: None) -> Client:
    return browser_of(user("医生"))


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of an import takes two rows."""
    monkeypatch.setattr(staging, "CHUNK", 2)


@pytest.fixture
def uploads_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are sent lie in `tmp_path` while they are read."""
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", tmp_path)


@pytest.fixture
def someone(scheme: object) -> Patient:
    return patient("T1", name="周芷若")


@pytest.fixture
def other(scheme: object) -> Patient:
    return patient("T2", name="赵敏")
