"""The secrets: from the environment, from a file, or made once beside the embedded database."""

import contextlib
import logging
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)

_BETWEEN = re.compile(r"[,\s]+")


def load(env: environ.Env, *, base: Path, made_in: Path | None) -> tuple[str, Sequence[str], str]:
    """SECRET_KEY, FIELD_KEYS (newest first) and INDEX_KEY.

    With `made_in`, what the environment lacks is made once in that folder (mode 0600).
    Without it a missing key raises ImproperlyConfigured: a real server names its own keys.
    FIELD_KEYS_FILE, seen from `base`, stands for FIELD_KEYS that may rotate while the product runs.
    """
    return (
        _key(env, "SECRET_KEY", made_in, secrets.token_urlsafe(50)),
        _field_keys(env, base, made_in),
        _key(env, "INDEX_KEY", made_in, secrets.token_urlsafe(32)),
    )


def parse(text: str) -> tuple[str, ...]:
    """Keys with commas or white space between them; raises ImproperlyConfigured for a wrong one."""
    keys = tuple(key for key in _BETWEEN.split(text) if key)
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise ImproperlyConfigured("FIELD_KEYS 中有不是密钥的内容（见 .env.example）") from error
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS 里没有密钥（见 .env.example）")
    return keys


@dataclass(frozen=True, slots=True)
class _Seen:
    mark: tuple[int, ...] | None
    keys: tuple[str, ...]


class KeyFile(Sequence[str]):
    """The keys in a file, newest first: what it says at each use, not what it said at the start.

    So a key changes for all processes at once, without a restart. A file that can't be read or
    holds no keys is named in the log, and what it said before stays in force.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._seen = self._read()
        except OSError as error:
            raise ImproperlyConfigured(f"读不出密钥文件 {path}：{error.strerror}") from error

    def replace(self, keys: Sequence[str]) -> None:
        """Let the file hold these keys, whole and on disk before anybody reads them."""
        stored, draft = self.path.stat(), self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with draft.open("w") as file:
            draft.chmod(0o600)
            # Whoever serves must still be able to read it when the administrator has written it.
            with contextlib.suppress(PermissionError):
                os.chown(draft, stored.st_uid, stored.st_gid)
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        _sync(self.path.parent)

    def retire(self) -> Path:
        """Move all keys but the newest to a file beside, which is returned; none is ever lost."""
        newest, *old = self._now()
        beside = self.path.with_name(f"{self.path.name}.retired")
        known = beside.read_text() if beside.exists() else ""
        with beside.open("a") as file:
            beside.chmod(0o600)
            file.writelines(f"{key}\n" for key in old if key not in known)
            file.flush()
            os.fsync(file.fileno())
        self.replace((newest,))
        return beside

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return self._now()[place]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> tuple[str, ...]:
        try:
            if self._mark() != self._seen.mark:
                self._seen = self._read()
        except (OSError, ImproperlyConfigured):
            self._go_on_with_the_old()
        return self._seen.keys

    def _read(self) -> _Seen:
        # The mark first: what is written in between is read again.
        return _Seen(self._mark(), parse(self.path.read_text()))

    def _mark(self) -> tuple[int, ...]:
        stored = self.path.stat()
        return stored.st_ino, stored.st_mtime_ns, stored.st_size

    def _go_on_with_the_old(self) -> None:
        try:
            mark = self._mark()
        except OSError:
            mark = None
        if self._seen.mark != mark:
            logger.exception("no keys in %s: going on with those of before", self.path)
        self._seen = _Seen(mark, self._seen.keys)


def _field_keys(env: environ.Env, base: Path, made_in: Path | None) -> Sequence[str]:
    given, named = env.str("FIELD_KEYS", default=""), env.str("FIELD_KEYS_FILE", default="")
    if given and named:
        raise ImproperlyConfigured("FIELD_KEYS 和 FIELD_KEYS_FILE 只能设置一个（见 .env.example）")
    if given:
        return parse(given)
    if named:
        return KeyFile(base / named)
    if made_in is None:
        raise ImproperlyConfigured(
            "请在环境变量中设置 FIELD_KEYS_FILE 或 FIELD_KEYS（见 .env.example）"
        )
    _made_once(made_in / "field_keys", Fernet.generate_key().decode())
    return KeyFile(made_in / "field_keys")


def _key(env: environ.Env, name: str, made_in: Path | None, fresh: str) -> str:
    if value := env.str(name, default=""):
        return str(value)
    if made_in is None:
        raise ImproperlyConfigured(f"请在环境变量中设置 {name}（见 .env.example）")
    return _made_once(made_in / name.lower(), fresh)


def _made_once(path: Path, fresh: str) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside and linked, so that two first starts agree on one key.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(fresh)
    draft.chmod(0o600)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text().strip()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
