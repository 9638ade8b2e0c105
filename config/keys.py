"""The secrets: from the environment, or made once beside the embedded database."""

import contextlib
import os
import secrets
from pathlib import Path

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured


def load(env: environ.Env, *, made_in: Path | None) -> tuple[str, list[str], str]:
    """SECRET_KEY, FIELD_KEYS (newest first) and INDEX_KEY.

    With `made_in`, what the environment lacks is made once in that folder (mode 0600).
    Without it a missing key raises ImproperlyConfigured: a real server names its own keys.
    """
    return (
        _key(env, "SECRET_KEY", made_in, secrets.token_urlsafe(50)),
        _key(env, "FIELD_KEYS", made_in, Fernet.generate_key().decode()).split(","),
        _key(env, "INDEX_KEY", made_in, secrets.token_urlsafe(32)),
    )


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
