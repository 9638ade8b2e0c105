"""Making a backup: everything as of one moment, while the desk goes on."""

import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from django.conf import settings

from desk.backup.books import (
    Books,
    migrations,
    one_moment,
    rows,
    server_version,
    shared_moment,
    tables,
)
from desk.backup.exceptions import BackupError
from desk.backup.manifest import DUMP, FILES, Manifest, digests, key_marks, product_version
from desk.backup.programs import environment, programs_of
from desk.backup.shelf import new_folder


def make_backup(place: Path, *, now: datetime) -> Manifest:
    """Add a backup to those in `place`, named by `now`; what it says. Raises BackupError."""
    with new_folder(place, now) as draft, one_moment() as books:
        if "django_migrations" not in tables(books):
            raise BackupError("数据库里还没有数据表，没有可以备份的内容")
        ours = _dump(books, draft / DUMP)
        # After the moment of the database: what it knows of is there by now.
        _copy_files(settings.FILES_DIR, draft / FILES)
        manifest = _manifest(books, draft, programs=ours, now=now)
        manifest.write(draft)
        return manifest


def _manifest(books: Books, draft: Path, *, programs: int, now: datetime) -> Manifest:
    return Manifest(
        created_at=now,
        version=product_version(),
        server=server_version(books),
        programs=programs,
        migrations=migrations(books),
        rows=rows(books),
        digests=digests(draft),
        keys=key_marks(),
    )


def _dump(books: Books, file: Path) -> int:
    """Write the dump of the moment that `books` sees; the major version of what wrote it."""
    ours, folder = programs_of(server_version(books))
    command = [str(folder / "pg_dump"), "--format=custom", "--no-password"]
    command += [f"--snapshot={shared_moment(books)}", f"--file={file}"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    if done.returncode != 0:
        raise BackupError(f"没有备份成功：{done.stderr.strip()}")
    return ours


def _copy_files(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        target.mkdir()
