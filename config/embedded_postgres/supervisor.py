"""Watching over the server: one that died is started again, one that was stopped stays stopped."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from config.embedded_postgres.cluster import Cluster
from config.embedded_postgres.programs import EmbeddedPostgresError

# Seconds between two looks; a look reads one small file.
BETWEEN_LOOKS = 0.5


class Supervisor:
    """While the block lasts, a server that died comes back by `revive`, with a line on stderr."""

    def __init__(self, directory: Path, revive: Callable[[], None]) -> None:
        self._cluster = Cluster(directory.resolve())
        self._revive = revive
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look_again_and_again, daemon=True)
        self._complaint = ""

    def __enter__(self) -> None:
        self._watch.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._watch.join()

    def _look_again_and_again(self) -> None:
        while not self._over.wait(BETWEEN_LOOKS):
            if self._cluster.died():
                self._start_again()

    def _start_again(self) -> None:
        if not self._complaint:
            self._say("数据库意外停止，正在重新启动……")
        try:
            self._revive()
        except (EmbeddedPostgresError, OSError, subprocess.SubprocessError) as error:
            # A full disk may last for hours: the same sentence once is enough.
            if str(error) != self._complaint:
                self._say(f"数据库没有恢复，将不断重试：{error}")
            self._complaint = str(error)
        else:
            self._complaint = ""
            if not self._cluster.died():
                self._say("数据库已停止。" if self._cluster.stopped.exists() else "数据库已恢复。")

    def _say(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)
