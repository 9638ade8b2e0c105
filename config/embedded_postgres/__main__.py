"""The embedded server by hand; messages are for whoever runs the installation."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import environ

from config import embedded_postgres
from config.embedded_postgres import BASE_DIR, EmbeddedPostgresError

# Seconds between two looks whether the command has ended.
BETWEEN_LOOKS = 0.1


def main(arguments: Sequence[str]) -> int:
    environ.Env.read_env(BASE_DIR / ".env")
    chosen = _parse(arguments)
    directory = (chosen.directory or embedded_postgres.default_directory()).resolve()
    try:
        if chosen.action == "run":
            return _run(directory, chosen)
        return _control(chosen.action, directory)
    except EmbeddedPostgresError as error:
        print(error, file=sys.stderr)
        return 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m config.embedded_postgres")
    parser.add_argument("--directory", type=Path, help="default: EMBEDDED_PG_DIR or var/postgres")
    actions = parser.add_subparsers(dest="action", required=True)
    for action in ("start", "stop", "status"):
        # SUPPRESS: without it the sub-command's default would undo a --directory given before it.
        actions.add_parser(action).add_argument("--directory", type=Path, default=argparse.SUPPRESS)
    run = actions.add_parser("run", help="run a command and stop the server after it")
    run.add_argument("--directory", type=Path, default=argparse.SUPPRESS)
    run.add_argument("--fast", action="store_true", help="for tests: a power cut loses everything")
    run.add_argument("--quiet", action="store_true", help="say nothing at the end")
    run.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def _control(action: str, directory: Path) -> int:
    if action == "start":
        embedded_postgres.start(directory)
    if action == "stop":
        embedded_postgres.stop(directory)
    is_up = embedded_postgres.status(directory)
    print(f"数据库正在运行：{directory}" if is_up else f"数据库没有运行：{directory}")
    return 3 if action == "status" and not is_up else 0


def _run(directory: Path, chosen: argparse.Namespace) -> int:
    if os.environ.get("DATABASE_URL"):
        return _until_it_ends(chosen.command)
    os.environ["EMBEDDED_PG_DIR"] = str(directory)
    with embedded_postgres.running(directory, durable=not chosen.fast):
        result = _until_it_ends(chosen.command)
    if not chosen.quiet:
        still = embedded_postgres.status(directory)
        print("已退出，数据库还有别的程序在用。" if still else "已退出，数据库已停止。")
    return result


def _until_it_ends(command: Sequence[str]) -> int:
    """Ctrl-C reaches the command by itself; SIGTERM and SIGHUP are passed on to it."""
    signal.signal(signal.SIGINT, _leave_it_to_the_command)
    child = subprocess.Popen(command)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    # Not `wait()`: a signal that the kernel hands to another thread would not end it.
    while child.poll() is None:
        time.sleep(BETWEEN_LOOKS)
    return child.returncode


def _leave_it_to_the_command(_number: int, _frame: FrameType | None) -> None:
    """A handler, not SIG_IGN: the command would inherit that."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
