"""Which files a starting server deletes: its own uploads, and nothing beside them."""

import os
import subprocess
import sys
from pathlib import Path

from config.embedded_postgres import BASE_DIR

START = """
import runpy
gunicorn = runpy.run_path("config/gunicorn.py")
import config.wsgi
gunicorn["on_starting"](None)
import tempfile
print(tempfile.gettempdir())
"""


def start(uploads: Path, port: int) -> Path:
    """Where a server on this port puts what it is sent, once it has started."""
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=BASE_DIR,
        env={**os.environ, "UPLOADS_DIR": str(uploads), "PORT": str(port)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_a_starting_server_deletes_its_own_uploads_and_nothing_else(tmp_path: Path) -> None:
    own, other = start(tmp_path, 20_001), start(tmp_path, 20_002)
    kept = [tmp_path / "letter.txt", other / "in-flight.upload"]
    left = own / "killed.upload"
    for path in (*kept, left):
        path.touch()
    assert start(tmp_path, 20_001) == own
    assert not left.exists() and own.is_dir()
    assert all(path.exists() for path in kept)
    assert own.stat().st_mode & 0o077 == 0
