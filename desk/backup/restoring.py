"""Restoring a backup into an empty database: everything is judged before anything is written."""

import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from desk.backup.books import one_moment, rows, server_version, tables
from desk.backup.exceptions import BackupError
from desk.backup.manifest import (
    DUMP,
    FILES,
    Manifest,
    check_whole,
    key_marks,
    product_version,
)
from desk.backup.programs import environment, programs_of

# A setting of newer dumps, among their first lines, that servers before 17 don't know.
_HEAD = 60
_TOO_NEW = b"SET transaction_timeout = 0;\n"
_KNOWN_SINCE = 17
_MOST_TOLD = 2_000


def restore_backup(folder: Path) -> Manifest:
    """Fill the empty database and the empty folder of files; what the backup says of itself.

    Raises BackupError; unless it says otherwise, everything is as empty then as it was.
    """
    manifest = Manifest.read(folder)
    _check_version(manifest)
    _check_keys(manifest)
    check_whole(manifest, folder)
    _check_empty()
    files = _copied_beside(folder / FILES)
    try:
        _fill_database(folder / DUMP, manifest.programs)
        files.rename(settings.FILES_DIR)
    finally:
        shutil.rmtree(files, ignore_errors=True)
    _compare(manifest)
    return manifest


def _check_version(manifest: Manifest) -> None:
    known = MigrationLoader(None).disk_migrations.keys()
    if manifest.migrations.items() - known or _newer(manifest.version, product_version()):
        raise BackupError(
            f"这个备份来自更新的程序（备份是 {manifest.version}，本程序是 {product_version()}），"
            "请先升级程序再恢复"
        )


def _newer(one: str, other: str) -> bool:
    first, second = ([int(part) for part in version.split(".")] for version in (one, other))
    return first > second


def _check_keys(manifest: Manifest) -> None:
    ours = key_marks()
    for kind, name in (("index", "INDEX_KEY"), ("fields", "FIELD_KEYS")):
        if not set(manifest.keys[kind]) <= set(ours[kind]):
            raise BackupError(
                f"这里的 {name} 不是备份时的那一个，恢复后电话和证件号将无法读出："
                "请先放回备份时的密钥（.env 或 var/keys，旧的在 field_keys.retired）再恢复"
            )


def _check_empty() -> None:
    with one_moment() as books:
        if there := tables(books):
            raise BackupError(
                f"数据库里已经有 {len(there)} 张数据表，只能恢复到空数据库：请另建一个空的，"
                "并让 DATABASE_URL 或 EMBEDDED_PG_DIR 指向它"
            )
    files = settings.FILES_DIR
    if files.is_dir() and any(files.iterdir()):
        raise BackupError(f"文件夹 {files} 里已有文件，请先把它移走再恢复")


def _copied_beside(source: Path) -> Path:
    """The files copied beside their place, so that renaming is all that is left to do."""
    place: Path = settings.FILES_DIR
    draft = place.with_name(f"{place.name}.part")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft)
        if place.is_dir():
            place.rmdir()
    except OSError as error:
        raise BackupError(f"无法写入文件夹 {draft}：{error}") from error
    return draft


def _fill_database(dump: Path, written_by: int) -> None:
    """In one transaction: all of it or nothing."""
    _, folder = programs_of(written_by)
    read = [str(folder / "pg_restore"), "--file=-", "--no-owner", "--no-privileges", str(dump)]
    fill = [str(folder / "psql"), "--no-psqlrc", "--quiet", "--no-password", "--single-transaction"]
    fill += ["--set=ON_ERROR_STOP=1", "--file=-"]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with (
        tempfile.TemporaryFile() as told,
        subprocess.Popen(read, stdout=pipe, stderr=told) as source,
        subprocess.Popen(
            fill, stdin=pipe, stdout=nowhere, stderr=told, env=environment()
        ) as target,
    ):
        _pour(source, target)
        if target.wait() != 0:
            raise BackupError(f"没有恢复成功，数据库仍是空的：{_last_words(told)}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _pour(source: "subprocess.Popen[bytes]", target: "subprocess.Popen[bytes]") -> None:
    assert source.stdout is not None and target.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        _copy_script(source.stdout, target.stdin)
    source.stdout.close()
    if source.wait() != 0:
        # What psql has read so far must not be committed.
        target.kill()
    with contextlib.suppress(BrokenPipeError):
        target.stdin.close()


def _copy_script(source: IO[bytes], target: IO[bytes]) -> None:
    with one_moment() as books:
        drop = _TOO_NEW if server_version(books) < _KNOWN_SINCE else None
    for _ in range(_HEAD):
        line = source.readline()
        if line != drop:
            target.write(line)
    shutil.copyfileobj(source, target)


def _last_words(told: IO[bytes]) -> str:
    told.seek(0)
    return told.read()[-_MOST_TOLD:].decode(errors="replace").strip()


def _compare(manifest: Manifest) -> None:
    with one_moment() as books:
        found = rows(books)
    for table in sorted(manifest.rows.keys() | found.keys()):
        expected, there = manifest.rows.get(table), found.get(table)
        if expected != there:
            raise BackupError(
                f"恢复后的数据与备份清单不符：{table} 应有 {expected} 行，实有 {there} 行。"
                "请不要使用这个数据库，换另一个备份再恢复"
            )
