"""The keys in a file are those that it holds now, whatever the process read when it started."""

import os
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from config import keys
from config.embedded_postgres import BASE_DIR
from config.keys import KeyFile

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    (tmp_path / "field_keys").write_text(f"{OLD}\n")
    return KeyFile(tmp_path / "field_keys")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> environ.Env:
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("INDEX_KEY", "x")
    for name in ("FIELD_KEYS", "FIELD_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)
    return environ.Env()


def test_another_process_sees_a_new_key_at_once(file: KeyFile) -> None:
    assert list(file) == [OLD]
    KeyFile(file.path).replace((NEW, OLD))
    assert list(file) == [NEW, OLD] and len(file) == 2 and file[0] == NEW
    assert file.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "not a key\n", None])
def test_what_is_no_key_file_any_more_leaves_the_keys_and_is_logged_once(
    file: KeyFile, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    file.path.write_text(content) if content is not None else file.path.unlink()
    assert list(file) == [OLD] and list(file) == [OLD]
    assert caplog.text.count("going on with those of before") == 1
    file.path.write_text(f"{NEW},{OLD}")
    assert list(file) == [NEW, OLD]


def test_retired_keys_lie_beside_it_and_none_is_lost(file: KeyFile) -> None:
    file.replace((NEW, OLD))
    beside = file.retire()
    assert list(file) == [NEW] and beside.read_text() == f"{OLD}\n"
    assert beside.stat().st_mode & 0o077 == 0
    # As after a crash between the two steps.
    file.replace((NEW, OLD))
    file.retire()
    assert beside.read_text() == f"{OLD}\n"


def test_the_file_stands_for_the_keys(
    bare: environ.Env, file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELD_KEYS_FILE", file.path.name)
    assert list(keys.load(bare, base=file.path.parent, made_in=None)[1]) == [OLD]
    monkeypatch.setenv("FIELD_KEYS", NEW)
    with pytest.raises(ImproperlyConfigured, match="只能设置一个"):
        keys.load(bare, base=file.path.parent, made_in=None)
    monkeypatch.delenv("FIELD_KEYS_FILE")
    assert keys.load(bare, base=file.path.parent, made_in=None)[1] == (NEW,)


def test_a_start_without_keys_is_refused_in_one_sentence(
    bare: environ.Env, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImproperlyConfigured, match="请在环境变量中设置 FIELD_KEYS_FILE 或"):
        keys.load(bare, base=tmp_path, made_in=None)
    monkeypatch.setenv("FIELD_KEYS_FILE", "missing")
    with pytest.raises(ImproperlyConfigured, match="读不出密钥文件"):
        keys.load(bare, base=tmp_path, made_in=None)


def test_a_command_without_keys_says_so_in_one_line(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "postgres:///none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "restore", str(tmp_path)],
        cwd=BASE_DIR,
        # Empty, not absent: a developer's .env may hold keys.
        env=environment | dict.fromkeys(("SECRET_KEY", "FIELD_KEYS", "FIELD_KEYS_FILE"), ""),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr == "请在环境变量中设置 SECRET_KEY（见 .env.example）\n"


def test_without_a_database_of_its_own_a_key_is_made_once(
    bare: environ.Env, tmp_path: Path
) -> None:
    made = keys.load(bare, base=tmp_path, made_in=tmp_path / "keys")[1]
    assert list(made) == list(keys.load(bare, base=tmp_path, made_in=tmp_path / "keys")[1])
    assert (tmp_path / "keys" / "field_keys").stat().st_mode & 0o077 == 0
