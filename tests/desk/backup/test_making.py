"""A backup holds everything of one moment and tells what it is."""

import shutil
import stat
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from desk.backup import programs, shelf
from desk.backup.exceptions import BackupError
from desk.backup.making import make_backup
from desk.backup.manifest import DUMP, NAME, Manifest
from tests.desk.backup.damage import change

pytestmark = pytest.mark.usefixtures("committing", "folders")


def test_a_backup_tells_what_it_is_and_nothing_secret(backup: Path) -> None:
    manifest = Manifest.read(backup)
    assert manifest.rows["points_receipt"] == 3 and manifest.rows["django_migrations"] > 20
    assert manifest.digests.keys() == {DUMP, "files/imports/收费.xlsx"}
    assert manifest.migrations["points"].startswith("000")
    text = (backup / NAME).read_text(encoding="utf-8")
    for secret in (*settings.FIELD_KEYS, settings.INDEX_KEY, settings.SECRET_KEY):
        assert secret not in text
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700


def test_only_our_oldest_backups_go(books: None, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    now = timezone.now()
    for days in (3, 2, 1):
        make_backup(place, now=now - timedelta(days=days))
    for foreign in ("membership-20010101-000000", "documents", "membership-20010101-000000.old"):
        (place / foreign).mkdir()
    (place / "membership-20010101-000000.part").mkdir()
    with override_settings(BACKUPS_KEPT=2):
        call_command("backup", stdout=(said := StringIO()))
    kept = shelf.finished(place)
    assert [Manifest.read(folder).created_at.date() for folder in kept] == [
        (now - timedelta(days=1)).date(),
        timezone.now().date(),
    ]
    assert said.getvalue().count("已删除最旧的备份") == 2
    assert {path.name for path in place.iterdir()} - {path.name for path in kept} == {
        ".lock",
        "documents",
        "membership-20010101-000000",
        "membership-20010101-000000.old",
    }


def test_two_backups_at_once_are_refused(books: None, tmp_path: Path) -> None:
    now = timezone.now()
    with (
        shelf.new_folder(tmp_path / "backups", now),
        pytest.raises(BackupError, match="另一个备份正在进行"),
    ):
        make_backup(tmp_path / "backups", now=now)


def test_a_failed_backup_leaves_nothing_that_looks_like_one(
    books: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.backup.making.shared_moment", lambda _: "no-such-snapshot")
    with pytest.raises(CommandError, match="没有备份成功：.*pg_dump"):
        call_command("backup")
    assert [path.name for path in (tmp_path / "backups").iterdir()] == [".lock"]


def test_an_empty_database_has_nothing_to_back_up(elsewhere: Path) -> None:
    with pytest.raises(CommandError, match="没有可以备份的内容"):
        call_command("backup")


def test_a_folder_that_cannot_be_used_is_told(books: None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="无法使用备份文件夹"):
        call_command("backup", to=tmp_path / "file" / "backups")


def test_programs_as_new_as_the_server_are_found_and_a_password_stays_off_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version, folder = programs.programs_of(15)
    assert version >= 15 and (folder / "pg_dump").exists()
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "secret")
    assert programs.environment()["PGPASSWORD"] == "secret"


def test_a_full_disk_is_told(books: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("desk.backup.making.digests", full)
    with pytest.raises(CommandError, match="没有备份成功：.*No space left"):
        call_command("backup")


def test_a_load_balancer_keeps_the_pages_while_backups_are_late(
    backup: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").content.decode() == "就绪\n最近一次备份是 0 小时前\n"
    change(backup, created_at=(timezone.now() - timedelta(hours=27)).isoformat())
    late = client.get("/readyz")
    assert late.status_code == 200
    assert late.content.decode() == "就绪\n警告：最近一次备份是 27 小时前\n"
    shutil.rmtree(backup)
    assert client.get("/readyz").content.decode() == "就绪\n警告：还没有备份\n"
