"""Pytest plugin: the server and the keys, before pytest-django reads the settings.

With DATABASE_URL that server is used. Without it an embedded one is started in
var/test-postgres by the first process of the run and stopped when that one ends.
"""

import contextlib
import os

import pytest

from config import embedded_postgres

DIRECTORY = embedded_postgres.BASE_DIR / "var" / "test-postgres"
KEYS = {
    "SECRET_KEY": "for tests only, never for a server that anyone can reach",
    "FIELD_KEYS": "Zm9yIHRlc3RzIG9ubHksIG5ldyBrZXkgISEhISEhISE=,"
    "Zm9yIHRlc3RzIG9ubHksIG9sZCBrZXkgISEhISEhISE=",
    "INDEX_KEY": "for tests only, hashes nothing but invented people",
}

_server = contextlib.ExitStack()

# At import: workers of pytest-xdist inherit what their controller sets here.
os.environ.update(KEYS)
if not os.environ.get("DATABASE_URL"):
    _server.enter_context(embedded_postgres.running(DIRECTORY, durable=False))
    os.environ["DATABASE_URL"] = embedded_postgres.database_url(DIRECTORY)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _server.close()
