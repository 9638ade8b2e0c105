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
from typing import NamedTuple

import psutil

from config.embedded_postgres.cluster import Cluster

# How often each is chosen; the first three kills are one of each.
SHARES = {"worker": 6, "backend": 3, "postmaster": 1}
SHORTEST, LONGEST = 0.3, 2.7
AT_ONCE = 0.1


class Kill(NamedTuple):
    """A kill at `moment` (monotonic); `last` unless the next one came before it was got over."""

    moment: float
    kind: str
    last: bool


@dataclass
class Killer:
    """For `seconds`, and until each kind had its turn, someone is killed, again and again.

    Mostly it waits until the service `is_back` since the kill, and now and then it doesn't.
    """

    master: psutil.Process
    cluster: Cluster
    seconds: float
    is_back: Callable[[float], bool]
    kills: list[Kill] = field(default_factory=list)

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

    def is_at_work(self) -> bool:
        return self._thread.is_alive()

    def counts(self) -> Counter[str]:
        return Counter(kill.kind for kill in self.kills)

    def _kill_and_kill(self) -> None:
        first, end = list(SHARES), time.monotonic() + self.seconds
        while (first or time.monotonic() < end) and not self._rest():
            kind = first[-1] if first else random.choices(list(SHARES), [*SHARES.values()])[0]
            last = bool(first) or random.random() > AT_ONCE
            # There may be no backend yet after the last kill.
            while not self._kill(kind, last) and not self._over.wait(SHORTEST):
                pass
            while last and not self.is_back(self.kills[-1].moment) and not self._over.wait(0.05):
                pass
            first = first[:-1]

    def _rest(self) -> bool:
        """Wait a moment; whether the block ended meanwhile."""
        return self._over.wait(random.uniform(SHORTEST, LONGEST))

    def _kill(self, kind: str, last: bool) -> bool:
        with contextlib.suppress(psutil.Error):
            if victims := _VICTIMS[kind](self):
                moment = time.monotonic()
                random.choice(victims).send_signal(signal.SIGKILL)
                self.kills.append(Kill(moment, kind, last))
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
