import hashlib
import hmac
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


@cache
def _keyring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def keyring() -> MultiFernet:
    """Encrypts with the newest of FIELD_KEYS, reads with any of them."""
    return _keyring(tuple(settings.FIELD_KEYS))


def keyed_hash(kind: str, value: str) -> str:
    """What is looked up instead of a phone or document number; "" stays "".

    Keyed, because ID numbers are few enough to try them all against a plain hash.
    """
    if not value:
        return ""
    message = f"{kind}:{value}".encode()
    return hmac.new(settings.INDEX_KEY.encode(), message, hashlib.sha256).hexdigest()


def decrypted(ciphertext: str) -> str:
    """What a column of EncryptedTextField stands for; raises InvalidToken if it was changed."""
    return keyring().decrypt(ciphertext.encode()).decode() if ciphertext else ""


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """Text that the database holds as ciphertext; "" stays "" so that gaps show in SQL."""

    def get_prep_value(self, value: Any) -> str:
        return keyring().encrypt(str(value).encode()).decode() if value else ""

    def from_db_value(self, value: str | None, *_: object) -> str:
        return decrypted(value or "")
