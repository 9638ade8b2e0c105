"""The folder that backups stand in, one folder each, named by when they were made."""

import contextlib
import fcntl
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from desk.backup.exceptions import BackupError
from desk.backup.manifest import NAME, Manifest
from staff.rules import SHANGHAI

_NAMED = re.compile(r"membership-\d{8}-\d{6}")
_UNFINISHED = ".part"


@contextlib.contextmanager
def new_folder(shelf: Path, now: datetime) -> Iterator[Path]:
    """A folder to fill, which gets its name when the block ends well and is gone when it doesn't.

    Only one backup at a time is made on a shelf. Raises BackupError.
    """
    place = shelf / f"membership-{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}"
    with _alone_on(shelf):
        _clear_unfinished(shelf)
        if place.exists():
            raise BackupError(f"备份 {place} 已经有了")
        draft = place.with_name(place.name + _UNFINISHED)
        draft.mkdir(mode=0o700)
        try:
            yield draft
            draft.rename(place)
        except OSError as error:
            raise BackupError(f"没有备份成功：{error}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def finished(shelf: Path) -> list[Path]:
    """The whole backups on a shelf, oldest first; other people's folders are left out."""
    if not shelf.is_dir():
        return []
    ours = [path for path in shelf.iterdir() if _NAMED.fullmatch(path.name)]
    return sorted(path for path in ours if (path / NAME).is_file())


def newest(shelf: Path) -> datetime | None:
    """When the last whole backup was made, None if there is none that can be read."""
    try:
        for folder in reversed(finished(shelf)):
            with contextlib.suppress(BackupError):
                return Manifest.read(folder).created_at
    except OSError:
        pass
    return None


def drop_all_but(kept: int, shelf: Path) -> list[Path]:
    """Delete the oldest backups so that `kept` stay (at least one); those deleted."""
    old = finished(shelf)[: -max(kept, 1)]
    for folder in old:
        shutil.rmtree(folder)
    return old


@contextlib.contextmanager
def _alone_on(shelf: Path) -> Iterator[None]:
    try:
        shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (shelf / ".lock").open("a")
    except OSError as error:
        raise BackupError(f"无法使用备份文件夹 {shelf}：{error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError("另一个备份正在进行，请等它结束") from error
        yield


def _clear_unfinished(shelf: Path) -> None:
    for path in shelf.iterdir():
        name = path.name.removesuffix(_UNFINISHED)
        if name != path.name and _NAMED.fullmatch(name):
            shutil.rmtree(path)
