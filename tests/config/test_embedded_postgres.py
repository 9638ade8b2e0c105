"""What the embedded server survives: every case here once cost someone a database or a day."""

import contextlib
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import environ
import psutil
import psycopg
import pytest

from config import embedded_postgres
from config.embedded_postgres import EmbeddedPostgresError, programs
from config.embedded_postgres.cluster import Cluster


def _wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _pid(directory: Path) -> int:
    pid = Cluster(directory.resolve()).postmaster()
    assert pid is not None
    return pid


def _ask(directory: Path, question: str) -> str:
    with psycopg.connect(embedded_postgres.database_url(directory)) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return str(row[0])


def test_chinese_is_found_although_it_was_started_with_lang_c(server: Path) -> None:
    with psycopg.connect(embedded_postgres.database_url(server)) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    assert _ask(server, "SELECT cardinality(show_trgm('张三丰')) > 0") == "True"


def test_the_address_is_understood_by_django_environ(server: Path) -> None:
    database = environ.Env.db_url_config(embedded_postgres.database_url(server))
    assert database["NAME"] == "membership"
    assert database["USER"] == "app"
    assert database["OPTIONS"]["host"] == str(server.resolve() / "socket")


def test_it_listens_on_no_network_address_and_its_folders_are_private(server: Path) -> None:
    assert _ask(server, "SHOW listen_addresses") == ""
    for name in ("data", "socket"):
        assert stat.S_IMODE((server / name).stat().st_mode) == 0o700


def test_a_refused_statement_leaves_no_patient_in_the_log(server: Path) -> None:
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        _ask(server, "SELECT '13900001111 张三丰'::text, 'x'::int")
    assert "张三丰" not in (server / "log").read_text()


def test_it_never_runs_as_root(server: Path) -> None:
    assert psutil.Process(_pid(server)).uids().effective != 0


def test_a_second_start_changes_nothing(server: Path) -> None:
    before = _pid(server)
    embedded_postgres.start(server)
    assert _pid(server) == before


def test_ctrl_c_does_not_reach_it(server: Path) -> None:
    assert os.getpgid(_pid(server)) != os.getpgid(0)
    assert os.getsid(_pid(server)) != os.getsid(0)


def test_stop_stops_it_and_stopping_again_is_no_error(server: Path) -> None:
    embedded_postgres.stop(server)
    assert not embedded_postgres.status(server)
    embedded_postgres.stop(server)


def test_nothing_runs_and_nothing_is_made_by_asking(tmp_path: Path) -> None:
    assert not embedded_postgres.status(tmp_path / "pg")
    embedded_postgres.stop(tmp_path / "pg")
    assert not (tmp_path / "pg").exists()


def test_three_starts_at_once_make_one_server(tmp_path: Path) -> None:
    starts = [threading.Thread(target=embedded_postgres.start, args=[tmp_path]) for _ in range(3)]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    ours = [p for p in psutil.process_iter() if str(tmp_path.resolve() / "data") in _words(p)]
    assert [process.pid for process in ours] == [_pid(tmp_path)]
    embedded_postgres.stop(tmp_path)


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def test_the_server_outlives_a_killed_parent_and_is_found_again(home: Path) -> None:
    embedded_postgres.stop(home)
    script = "import os, signal, pathlib; from config import embedded_postgres as e; "
    script += f"e.start(pathlib.Path({str(home)!r})); os.kill(os.getpid(), signal.SIGKILL)"
    killed = subprocess.run([sys.executable, "-c", script])
    assert killed.returncode == -signal.SIGKILL

    survivor = _pid(home)
    embedded_postgres.start(home)
    assert _pid(home) == survivor
    embedded_postgres.stop(home)
    assert not embedded_postgres.status(home)


def test_it_starts_again_with_every_row_after_the_server_itself_was_killed(home: Path) -> None:
    embedded_postgres.stop(home)
    embedded_postgres.start(home)
    with psycopg.connect(embedded_postgres.database_url(home)) as connection:
        connection.execute("DROP TABLE IF EXISTS survivor")
        connection.execute("CREATE TABLE survivor AS SELECT 7 AS n")
    os.kill(_pid(home), signal.SIGKILL)
    embedded_postgres.start(home)
    assert _ask(home, "SELECT n FROM survivor") == "7"


def test_a_reused_pid_neither_keeps_it_from_starting_nor_is_that_process_hurt(
    home: Path,
) -> None:
    embedded_postgres.stop(home)
    with _innocent(home) as innocent:
        for file in Cluster(home.resolve()).pid_files:
            file.write_text(f"{innocent.pid}\n{home}/data\n1\n5432\n")
        embedded_postgres.stop(home)
        embedded_postgres.start(home)
        assert _pid(home) != innocent.pid
        assert innocent.poll() is None


@contextlib.contextmanager
def _innocent(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Of the server's own user: PostgreSQL itself would take it for a server."""
    owner = (home / "data").stat().st_uid
    user = owner if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60"], user=user) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_pid_file_of_a_dead_process_is_no_obstacle(home: Path) -> None:
    embedded_postgres.stop(home)
    dead = subprocess.Popen(["true"])
    dead.wait()
    Cluster(home.resolve()).pid_files[0].write_text(f"{dead.pid}\n")
    embedded_postgres.start(home)
    assert embedded_postgres.status(home)


def test_a_start_killed_inside_initdb_leaves_nothing_broken(tmp_path: Path) -> None:
    home = tmp_path / "pg"
    command = [sys.executable, "-m", "config.embedded_postgres", "start", "--directory", str(home)]
    with subprocess.Popen(command, start_new_session=True) as starting:
        _wait_until(lambda: (home / "data.new" / "PG_VERSION").exists())
        os.killpg(starting.pid, signal.SIGKILL)
    assert not (home / "data").exists()

    with embedded_postgres.running(home, durable=False):
        assert _ask(home, "SHOW fsync") == "off"
    assert not embedded_postgres.status(home)


def test_a_long_path_with_spaces_and_chinese_gets_a_private_short_socket(tmp_path: Path) -> None:
    home = tmp_path / "会员 系统, 'x' $HOME" / ("long" * 30)
    with embedded_postgres.running(home, durable=False):
        assert _ask(home, "SELECT current_database()") == "membership"
        folder = (home / "socket").readlink()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    stolen = folder.rename(folder.with_name(f"{folder.name}-gone"))
    folder.mkdir(mode=0o755)
    with embedded_postgres.running(home, durable=False):
        assert (home / "socket").readlink() != folder
    folder.rmdir()
    stolen.rmdir()
    (home / "socket").readlink().rmdir()


def test_programs_and_data_may_lie_where_only_their_owner_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    site_packages, package = programs.binaries().parents[2], "embedded_postgres"
    for folder in (f"{package}/pginstall", f"{package}.libs"):
        shutil.copytree(site_packages / folder, closed / folder)
    monkeypatch.setattr(programs, "binaries", lambda: closed / package / "pginstall" / "bin")
    with embedded_postgres.running(closed / "pg", durable=False):
        assert _ask(closed / "pg", "SELECT 1") == "1"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_the_last_user_to_leave_stops_it(home: Path) -> None:
    with embedded_postgres.running(home):
        with embedded_postgres.running(home):
            pass
        assert embedded_postgres.status(home)
    assert not embedded_postgres.status(home)


def test_a_server_that_never_answers_is_a_plain_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded_postgres.stop(home)
    monkeypatch.setattr("config.embedded_postgres.cluster.PATIENCE_WITH_THE_DEAD", 0.3)
    monkeypatch.setattr("config.embedded_postgres.cluster.SETTINGS", {"port": "none"})
    with pytest.raises(EmbeddedPostgresError, match="数据库没有启动"):
        embedded_postgres.start(home)


def test_a_machine_without_the_wheel_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedPostgresError, match="make setup"):
        programs.binaries.__wrapped__()


def test_a_named_server_is_used_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")
    monkeypatch.setenv("EMBEDDED_PG_DIR", str(tmp_path / "pg"))
    embedded_postgres.start_if_needed()
    assert not (tmp_path / "pg").exists()


def test_a_program_that_uses_it_keeps_it_from_being_stopped(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A developer's own .env may name a server.
    monkeypatch.setattr(embedded_postgres, "BASE_DIR", tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("EMBEDDED_PG_DIR", str(home))
    embedded_postgres.start_if_needed()
    with embedded_postgres.running(home):
        pass
    assert embedded_postgres.status(home)
    fcntl.flock(embedded_postgres._held[-1], fcntl.LOCK_UN)
    embedded_postgres._held.pop().close()
