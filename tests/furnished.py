"""The test database, copied from one that went through the migrations and got its roles once.

That takes seconds, for each process that runs tests. Its outcome stays on the server as a database
of its own, until a migration or a right changes; copying it takes no time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

ROOT = Path(__file__).parents[1]
# Whatever decides what is in it; migrations of libraries change with the lock.
DECIDING = (
    *sorted(ROOT.glob("*/migrations/*.*")),
    ROOT / "requirements.lock",
    ROOT / "staff" / "roles.py",
)


def template() -> str:
    """The database to copy for the test database, made if it isn't there yet."""
    prefix = f"test_{connection.settings_dict['NAME']}_template_"
    name = prefix + sha256(b"\0".join(file.read_bytes() for file in DECIDING)).hexdigest()[:12]
    with connection._nodb_cursor() as cursor:
        # One process of the run makes it, the others wait for it.
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [prefix])
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix])
        there = {found for (found,) in cursor.fetchall()}
        for old in there - {name}:
            cursor.execute(f'DROP DATABASE IF EXISTS "{old}"')
        if name not in there:
            _make(cursor, name)
    return name


def _make(cursor: CursorWrapper, name: str) -> None:
    # Killed half way, it doesn't have the name of a whole one.
    half = f"{name}_half"
    cursor.execute(f'CREATE DATABASE "{half}"')
    with _connected_to(half):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("sync_roles", verbosity=0, stdout=StringIO())
    cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')


@contextmanager
def _connected_to(name: str) -> Iterator[None]:
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    yield
    connection.close()
    connection.settings_dict["NAME"] = usual
