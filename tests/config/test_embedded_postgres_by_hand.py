"""The embedded server from the command line, as `make demo` and an administrator use it."""

import subprocess
import sys
import time
from pathlib import Path

import psutil

from config import embedded_postgres
from tests.config.conftest import ByHand


def test_a_command_runs_with_the_server_and_its_exit_code_is_kept(
    home: Path, by_hand: ByHand
) -> None:
    script = 'test -e "$EMBEDDED_PG_DIR/data/postmaster.pid"; exit 7'
    finished = by_hand("run", home, "--", "sh", "-c", script)
    assert finished.returncode == 7
    assert "数据库已停止" in finished.stdout


def test_a_terminated_command_ends_first_and_then_the_server(
    home: Path, bare_environment: dict[str, str]
) -> None:
    arguments = ["run", "--directory", str(home), "--", "sleep", "60"]
    command = [sys.executable, "-m", "config.embedded_postgres", *arguments]
    with subprocess.Popen(command, env=bare_environment, stdout=subprocess.PIPE) as running:
        children = psutil.Process(running.pid).children
        deadline = time.monotonic() + 20
        while "sleep" not in [child.name() for child in children()]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        running.terminate()
        output, _ = running.communicate()
    assert "数据库已停止" in output.decode()
    assert not embedded_postgres.status(home)


def test_the_command_line_says_what_is_the_case(home: Path, by_hand: ByHand) -> None:
    assert "正在运行" in by_hand("start", home).stdout
    assert by_hand("status", home).returncode == 0
    assert "没有运行" in by_hand("stop", home).stdout
    assert by_hand("status", home).returncode == 3


def test_a_directory_that_cannot_be_made_is_a_plain_sentence(
    tmp_path: Path, by_hand: ByHand
) -> None:
    (tmp_path / "file").touch()
    finished = by_hand("start", tmp_path / "file" / "pg")
    assert finished.returncode == 1
    assert finished.stderr.startswith("无法使用数据库目录")
