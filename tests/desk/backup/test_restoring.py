"""A backup comes back whole or not at all."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from config.keys import KeyFile
from desk.backup import programs, shelf
from desk.backup.books import Books, rows
from desk.backup.making import make_backup
from desk.backup.manifest import DUMP, NAME, Manifest, digests, key_marks
from members.models import Patient
from points.models import PointsEntry, Receipt
from staff.management.commands import rotate_keys
from staff.operations.roles import sync_roles
from tests.desk.backup.damage import change
from tests.factories.points import receipt

pytestmark = pytest.mark.usefixtures("committing", "folders")


@pytest.fixture
def fewer_rights(books: None) -> Iterator[None]:
    """As an older version left them."""
    Group.objects.get(name="收费").permissions.clear()
    yield
    sync_roles()


def test_everything_comes_back_and_the_books_are_right(
    fewer_rights: None,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
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


def test_a_database_with_tables_is_never_restored_into(books: None, backup: Path) -> None:
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
        (lambda folder: change(folder, product="other"), "不是本系统这个版本能读的备份"),
        (lambda folder: change(folder, version="99.0.0"), "来自更新的程序.*请先升级程序"),
        (
            lambda folder: change(folder, migrations={"points": "9999_future"}),
            "来自更新的程序.*请先升级程序",
        ),
        (
            lambda folder: change(folder, keys={"index": ["0"], "fields": []}),
            "INDEX_KEY 不是备份时的那一个.*请先放回备份时的密钥",
        ),
        (
            lambda folder: change(folder, keys={**key_marks(), "fields": ["0"]}),
            "FIELD_KEYS 不是备份时的那一个",
        ),
        (lambda folder: change(folder, programs=99), "没有第 99 版或更新的 pg_dump"),
        (
            lambda folder: change(folder, rows={"points_receipt": 4}),
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


def test_a_dump_that_fails_half_way_leaves_the_database_empty(
    backup: Path, elsewhere: Path
) -> None:
    """Sizes and digests may be right and the disk, the server or the program still fail."""
    content = (backup / DUMP).read_bytes()
    (backup / DUMP).write_bytes(content[:-2000])
    change(backup, digests=digests(backup))
    with pytest.raises(CommandError, match="没有恢复成功，数据库仍是空的：.*pg_restore"):
        call_command("restore", backup)
    assert connection.introspection.table_names() == []


def test_an_older_backup_comes_back_with_its_retired_keys_and_gets_the_new_one(
    backup: Path, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/runbook.md has it: the retired keys at the end of the file, then `rotate_keys`."""
    monkeypatch.setattr(rotate_keys, "GRACE", 0)
    file, newer = tmp_path / "field_keys", Fernet.generate_key().decode()
    file.write_text(newer)
    refused = pytest.raises(CommandError, match="FIELD_KEYS 不是备份时的那一个")
    with override_settings(FIELD_KEYS=KeyFile(file)), refused:
        call_command("restore", backup)
    file.write_text("\n".join([newer, *settings.FIELD_KEYS]))
    with override_settings(FIELD_KEYS=KeyFile(file)):
        call_command("restore", backup, stdout=StringIO())
        call_command("rotate_keys", stdout=StringIO())
        assert list(settings.FIELD_KEYS) == [newer]
        assert Patient.objects.get().phone == "13987451234"
        call_command("check_books", stdout=StringIO())


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
