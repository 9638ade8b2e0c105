import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from psycopg import sql
from pytest_django import DjangoDbBlocker

from desk.backup import shelf
from desk.backup.making import make_backup
from tests.cleaning import delete_everything
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund
from tests.factories.scheme import published


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[None]:
    with override_settings(FILES_DIR=a_file_in(tmp_path), BACKUP_DIR=tmp_path / "backups"):
        yield


def a_file_in(place: Path) -> Path:
    """A folder of files as the product keeps them."""
    files = place / "files"
    (files / "imports").mkdir(parents=True)
    (files / "imports" / "收费.xlsx").write_bytes(b"PK\x03\x04")
    return files


@pytest.fixture
def books(committing: None) -> None:
    """A member with receipts, a refund and all that hangs on them."""
    a_member_with_receipts()


def a_member_with_receipts() -> None:
    published()
    someone = patient(phone="13987450001")
    receipt(someone, "12000", number="B1")
    member(someone, "30.50")
    receipt(someone, "0.50", number="B2")
    refund("B1", "1.20")


@pytest.fixture(scope="session")
def made(
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Path:
    """A backup of such books, which are gone again."""
    place = tmp_path_factory.mktemp("made")
    with django_db_blocker.unblock(), override_settings(FILES_DIR=a_file_in(place)):
        a_member_with_receipts()
        make_backup(place / "backups", now=timezone.now())
        delete_everything()
    (folder,) = shelf.finished(place / "backups")
    return folder


@pytest.fixture
def backup(made: Path, tmp_path: Path) -> Path:
    """That backup, to be damaged."""
    return shutil.copytree(made, tmp_path / "backups" / made.name)


@pytest.fixture
def elsewhere(committing: None, tmp_path: Path) -> Iterator[Path]:
    """From here on we are at an empty database and an empty folder of files."""
    given = connection.get_connection_params()
    own, other = given["dbname"], f"{given['dbname']}_restored"
    reach = {name: given[name] for name in given.keys() - {"context", "cursor_factory"}}
    with psycopg.connect(**reach, autocommit=True) as maintenance:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(other))
        maintenance.execute(drop)
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(other)))
        with override_settings(FILES_DIR=tmp_path / "new files"):
            _go_to(other)
            yield tmp_path / "new files"
            _go_to(own)
        maintenance.execute(drop)


def _go_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
