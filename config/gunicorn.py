"""How gunicorn serves the application: plain HTTP on loopback at PORT."""

import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

import environ
from django.conf import settings

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

PORT = env.int("PORT", default=8000)

bind = f"127.0.0.1:{PORT}"
worker_class = "gthread"
workers = 2
threads = 4
# Loaded before the workers start: a mistake in the settings ends the start at once.
preload_app = True
graceful_timeout = 10
loglevel = "warning"
# It would lie in the home folder, which need not exist.
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Refuse at once where gunicorn would try five times and show a traceback."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", PORT)) == 0:
            sys.exit(f"端口 {PORT} 已被占用，请换一个，例如：PORT={PORT + 1} make demo")
    _keep_temporary_files_together()


def _keep_temporary_files_together() -> None:
    """A server that was killed leaves none behind: there may be phones and ID numbers in them."""
    own = settings.FILE_UPLOAD_TEMP_DIR
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(mode=0o700, parents=True)
    tempfile.tempdir = str(own)


def post_worker_init(worker: Any) -> None:
    """Tell whoever started it where to look, once the last worker is up."""
    if worker.age == workers:
        print(f"已就绪：http://127.0.0.1:{PORT} （按 Ctrl-C 停止）", flush=True)
