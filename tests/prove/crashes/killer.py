"""Kills with SIGKILL, at random, what serves: web workers, backends, the postmaster."""

import contextlib
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType

import psutil

from config.embedded_postgres.cluster import Cluster

# How often each is chosen; the first three kills are one of each.
SHARES = {"worker": 6, "backend": 3, "postmaster": 1}
SHORTEST, LONGEST = 0.3, 2.7


@dataclass
class Killer:
    """For `seconds`, or until the block ends, someone is killed every few seconds."""

    master: psutil.Process
    cluster: Cluster
    seconds: float
    kills: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._kill_and_kill)

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def counts(self) -> Counter[str]:
        return Counter(kind for _, kind in self.kills)

    def _kill_and_kill(self) -> None:
        first, end = list(SHARES), time.monotonic() + self.seconds
        while not self._over.wait(random.uniform(SHORTEST, LONGEST)) and time.monotonic() < end:
            kind = first[-1] if first else random.choices(list(SHARES), [*SHARES.values()])[0]
            # There may be no backend yet after the last kill.
            while not self._kill(kind) and not self._over.wait(SHORTEST):
                pass
            first = first[:-1]

    def _kill(self, kind: str) -> bool:
        with contextlib.suppress(psutil.Error):
            if victims := _VICTIMS[kind](self):
                moment = time.monotonic()
                random.choice(victims).send_signal(signal.SIGKILL)
                self.kills.append((moment, kind))
                return True
        return False

    def workers(self) -> list[psutil.Process]:
        return list(self.master.children())

    def backends(self) -> list[psutil.Process]:
        ours = "postgres: app membership"
        return [
            process
            for server in self.postmaster()
            for process in server.children()
            if " ".join(process.cmdline()).startswith(ours)
        ]

    def postmaster(self) -> list[psutil.Process]:
        pid = self.cluster.postmaster()
        return [psutil.Process(pid)] if pid else []


_VICTIMS: dict[str, Callable[[Killer], list[psutil.Process]]] = {
    "worker": Killer.workers,
    "backend": Killer.backends,
    "postmaster": Killer.postmaster,
}
