"""A backup holds everything of one moment; it comes back whole or not at all."""

import json
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from psycopg import sql

from desk.backup import programs, shelf
from desk.backup.books import Books, rows
from desk.backup.exceptions import BackupError
from desk.backup.making import make_backup
from desk.backup.manifest import DUMP, NAME, Manifest, digests, key_marks
from members.models import Patient
from points.models import PointsEntry, Receipt
from tests.factories.members import patient
from tests.factories.points import member, receipt, refund
from tests.factories.scheme import published

pytestmark = pytest.mark.usefixtures("committing", "folders")


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[None]:
    files = tmp_path / "files"
    (files / "imports").mkdir(parents=True)
    (files / "imports" / "收费.xlsx").write_bytes(b"PK\x03\x04")
    with override_settings(FILES_DIR=files, BACKUP_DIR=tmp_path / "backups"):
        yield


@pytest.fixture
def books(committing: None) -> None:
    """A member with receipts, a refund and all that hangs on them."""
    published()
    someone = patient(phone="13987450001")
    receipt(someone, "12000", number="B1")
    member(someone, "30.50")
    receipt(someone, "0.50", number="B2")
    refund("B1", "1.20")


@pytest.fixture
def backup(books: None, tmp_path: Path) -> Path:
    make_backup(tmp_path / "backups", now=timezone.now())
    (folder,) = shelf.finished(tmp_path / "backups")
    return folder


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


def test_everything_comes_back_and_the_books_are_right(
    books: None, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    before = list(PointsEntry.objects.order_by("pk").values())
    phone = Patient.objects.get().phone
    call_command("backup")
    (folder,) = shelf.finished(tmp_path / "backups")
    files = request.getfixturevalue("elsewhere")
    call_command("restore", folder)
    assert list(PointsEntry.objects.order_by("pk").values()) == before
    assert Patient.objects.get().phone == phone == "13987451234"
    assert (files / "imports" / "收费.xlsx").read_bytes() == b"PK\x03\x04"
    said = capsys.readouterr().out
    assert "1 个文件" in said and "最后一张收据：B2" in said and "账目无误：4 行流水" in said
    # Numbers go on where they were.
    assert receipt(Patient.objects.get(), "100").cumulative > before[-1]["cumulative_after"]


def test_it_holds_one_moment_although_the_desk_goes_on(
    books: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Posted between the dump and the counts: if these weren't of one moment, they'd differ."""

    def go_on(books: Books) -> dict[str, int]:
        receipt(Patient.objects.get(), "100", number="LATE")
        return rows(books)

    monkeypatch.setattr("desk.backup.making.rows", go_on)
    make_backup(tmp_path / "backups", now=timezone.now())
    assert Receipt.objects.filter(number="LATE").exists()
    request.getfixturevalue("elsewhere")
    call_command("restore", shelf.finished(tmp_path / "backups")[-1], stdout=StringIO())
    assert not Receipt.objects.filter(number="LATE").exists()


def test_a_backup_tells_what_it_is_and_nothing_secret(backup: Path) -> None:
    manifest = Manifest.read(backup)
    assert manifest.rows["points_receipt"] == 3 and manifest.rows["django_migrations"] > 20
    assert manifest.digests.keys() == {DUMP, "files/imports/收费.xlsx"}
    assert manifest.migrations["points"].startswith("000")
    text = (backup / NAME).read_text(encoding="utf-8")
    for secret in (*settings.FIELD_KEYS, settings.INDEX_KEY, settings.SECRET_KEY):
        assert secret not in text
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700


def test_a_database_with_tables_is_never_restored_into(backup: Path) -> None:
    with pytest.raises(CommandError, match="张数据表，只能恢复到空数据库"):
        call_command("restore", backup)
    assert Receipt.objects.count() == 3


def test_files_that_are_there_already_are_kept(backup: Path, elsewhere: Path) -> None:
    elsewhere.mkdir()
    (elsewhere / "a").touch()
    with pytest.raises(CommandError, match="里已有文件"):
        call_command("restore", backup)


def _cut(folder: Path) -> None:
    with (folder / DUMP).open("r+b") as dump:
        dump.truncate(1000)


def _flip(folder: Path) -> None:
    content = bytearray((folder / DUMP).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / DUMP).write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_cut, "备份已损坏：database.dump 的校验值与清单不符"),
        (_flip, "备份已损坏：database.dump 的校验值与清单不符"),
        (lambda folder: (folder / DUMP).unlink(), "备份已损坏：缺少文件 database.dump"),
        (lambda folder: (folder / "files/new").touch(), "备份里多出了文件 files/new"),
        (lambda folder: (folder / NAME).unlink(), "不是完整的备份"),
        (lambda folder: (folder / NAME).write_text("{"), "读不出来"),
        (lambda folder: (folder / NAME).write_text("[]"), "读不出来"),
        (lambda folder: _change(folder, product="other"), "不是本系统这个版本能读的备份"),
        (lambda folder: _change(folder, version="99.0.0"), "来自更新的程序.*请先升级程序"),
        (
            lambda folder: _change(folder, migrations={"points": "9999_future"}),
            "来自更新的程序.*请先升级程序",
        ),
        (
            lambda folder: _change(folder, keys={"index": ["0"], "fields": []}),
            "INDEX_KEY 不是备份时的那一个.*请先放回备份时的密钥",
        ),
        (
            lambda folder: _change(folder, keys={**key_marks(), "fields": ["0"]}),
            "FIELD_KEYS 不是备份时的那一个",
        ),
        (lambda folder: _change(folder, programs=99), "没有第 99 版或更新的 pg_dump"),
        (
            lambda folder: _change(folder, rows={"points_receipt": 4}),
            "points_receipt 应有 4 行，实有 3 行.*请不要使用这个数据库",
        ),
    ],
)
def test_a_backup_that_is_not_right_is_refused(
    backup: Path, elsewhere: Path, damage: Callable[[Path], None], told: str
) -> None:
    damage(backup)
    with pytest.raises(CommandError, match=told):
        call_command("restore", backup)
    if "实有" not in told:
        assert connection.introspection.table_names() == []
        assert not elsewhere.exists()


def _change(folder: Path, **values: Any) -> None:
    content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    if "rows" in values:
        values["rows"] = content["rows"] | values["rows"]
    (folder / NAME).write_text(json.dumps(content | values), encoding="utf-8")


def test_a_dump_that_fails_half_way_leaves_the_database_empty(
    backup: Path, elsewhere: Path
) -> None:
    """Sizes and digests may be right and the disk, the server or the program still fail."""
    content = (backup / DUMP).read_bytes()
    (backup / DUMP).write_bytes(content[:-2000])
    _change(backup, digests=digests(backup))
    with pytest.raises(CommandError, match="没有恢复成功，数据库仍是空的：.*pg_restore"):
        call_command("restore", backup)
    assert connection.introspection.table_names() == []


def test_rotated_keys_read_an_older_backup(backup: Path, elsewhere: Path) -> None:
    newer = Fernet.generate_key().decode()
    with override_settings(FIELD_KEYS=[newer, *settings.FIELD_KEYS]):
        call_command("restore", backup, stdout=StringIO())


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


def test_a_newer_program_s_dump_goes_into_an_older_server(
    books: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """On a machine that has no programs but those beside our own server."""
    monkeypatch.setattr(programs, "_PACKAGES", tmp_path)
    monkeypatch.setattr("desk.backup.programs.shutil.which", lambda _: None)
    call_command("backup", stdout=StringIO())
    (folder,) = shelf.finished(tmp_path / "backups")
    assert Manifest.read(folder).programs == 18
    request.getfixturevalue("elsewhere")
    call_command("restore", folder, stdout=StringIO())
    assert Receipt.objects.count() == 3


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
    _change(backup, created_at=(timezone.now() - timedelta(hours=27)).isoformat())
    late = client.get("/readyz")
    assert late.status_code == 200
    assert late.content.decode() == "就绪\n警告：最近一次备份是 27 小时前\n"
    shutil.rmtree(backup)
    assert client.get("/readyz").content.decode() == "就绪\n警告：还没有备份\n"
