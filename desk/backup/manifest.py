"""What a backup says about itself, and whether that is still true."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from django.conf import settings

from desk.backup.exceptions import BackupError

NAME = "manifest.json"
DUMP = "database.dump"
FILES = "files"
PRODUCT = "hospital-membership"
_FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """A backup's own description.

    `version` is the product's, `server` the major version of PostgreSQL, `programs` that of the
    program that wrote the dump; `migrations` the last one per app, `rows` the count per table,
    `digests` the SHA-256 per file (names relative to the folder), `keys` what tells the right
    keys from others without giving them away.
    """

    created_at: datetime
    version: str
    server: int
    programs: int
    migrations: Mapping[str, str]
    rows: Mapping[str, int]
    digests: Mapping[str, str]
    keys: Mapping[str, list[str]]

    def write(self, folder: Path) -> None:
        content = {"product": PRODUCT, "format": _FORMAT, **asdict(self)}
        content["created_at"] = self.created_at.isoformat()
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / NAME).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises BackupError where there is no backup of ours."""
        try:
            content = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if (content.pop("product"), content.pop("format")) != (PRODUCT, _FORMAT):
                raise BackupError(f"{folder} 不是本系统这个版本能读的备份")
            content["created_at"] = datetime.fromisoformat(content["created_at"])
            return cls(**content)
        except FileNotFoundError as error:
            raise BackupError(f"{folder} 里没有 {NAME}，不是完整的备份") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise BackupError(f"备份已损坏：{folder / NAME} 读不出来") from error


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file of a backup but its manifest."""
    return {name: _digest(folder / name) for name in sorted(_names(folder)) if name != NAME}


def check_whole(manifest: Manifest, folder: Path) -> None:
    """Raises BackupError naming the first file that is missing, foreign or not as written."""
    found = digests(folder)
    for name in sorted(manifest.digests.keys() | found.keys()):
        if name not in found:
            raise BackupError(f"备份已损坏：缺少文件 {name}，请换另一个备份")
        if name not in manifest.digests:
            raise BackupError(f"备份里多出了文件 {name}，请核对这个文件夹")
        if found[name] != manifest.digests[name]:
            raise BackupError(f"备份已损坏：{name} 的校验值与清单不符，请换另一个备份")


def product_version() -> str:
    """The version of this program, from its project file."""
    project = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(project)["project"]["version"])


def key_marks() -> dict[str, list[str]]:
    """What tells our keys from others and gives none of them away."""
    fields = [_mark(key) for key in settings.FIELD_KEYS]
    return {"index": [_mark(settings.INDEX_KEY)], "fields": fields}


def _mark(key: str) -> str:
    # Slow on purpose: a key that a person made up could be guessed from a quick digest.
    return hashlib.scrypt(key.encode(), salt=PRODUCT.encode(), n=2**14, r=8, p=1, dklen=16).hex()


def _names(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix()


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
