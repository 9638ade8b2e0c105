"""Clients that post at a steady rate and try again until they are answered."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from math import inf
from typing import Any

from tests.prove.crashes.desk import Desk
from tests.prove.crashes.kinds import KINDS, OPENS_A_FILE, Answer, Order

CLIENTS = 8
# Of a hundred requests: sent twice, half of these at the same moment; sent without waiting.
TWICE, DROPPED = 20, 3
TIMEOUT = 10.0
BETWEEN_TRIES = 0.1
# Two corrections at once: the later one is asked to look again.
_ASKS_AGAIN = frozenset({"receipt_just_corrected"})


@dataclass(frozen=True)
class Acknowledged:
    """An answer 200 or 201, with the moments of the attempt that brought it (monotonic)."""

    order: Order
    status: int
    answer: Answer
    sent: float
    came: float


@dataclass
class Log:
    """What the clients saw; each list is only ever appended to."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    sent: list[Order] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    put_off: Counter[str] = field(default_factory=Counter)

    def answered_since(self, moment: float) -> bool:
        """Whether a request that was sent after `moment` was answered."""
        return any(a.sent >= moment for a in self.acknowledged[-3 * CLIENTS :])

    def outage_after(self, moment: float) -> float:
        """Seconds from `moment` until a request that was sent later was answered."""
        return min((a.came for a in self.acknowledged if a.sent >= moment), default=inf) - moment


class Load:
    """`rate` requests a second for `seconds`, through the API at `port` with `token`."""

    def __init__(self, *, port: int, token: str, rate: float, seconds: float) -> None:
        self._port = port
        self._token = token
        self._pause = CLIENTS / rate
        self._seconds = seconds
        # A number of an earlier run would be found there already and told as an old answer.
        self._run = f"{time.time_ns() % 10**10:x}"
        self.log = Log()
        self._goes_on: Callable[[], bool] = lambda: False

    def run(self, goes_on: Callable[[], bool] = lambda: False) -> Log:
        """Post for the time given, and as long as it `goes_on`."""
        end = time.monotonic() + self._seconds
        self._goes_on = lambda: time.monotonic() < end or goes_on()
        with ThreadPoolExecutor(CLIENTS) as clients:
            for done in [clients.submit(self._work, place) for place in range(CLIENTS)]:
                done.result()
        return self.log

    def _work(self, place: int) -> None:
        desk = Desk(f"{self._run}-{place}")
        due = time.monotonic() + self._pause * place / CLIENTS
        while self._goes_on():
            time.sleep(max(due - time.monotonic(), 0))
            if order := _next_order(desk):
                self._send(order)
            due = max(due + self._pause, time.monotonic())

    def _send(self, order: Order) -> None:
        self.log.sent.append(order)
        chance = random.randrange(100)
        if order.kind.may_be_dropped and chance < DROPPED:
            self._try(order, wait=False)
            return
        others = []
        if chance >= 100 - TWICE // 2:
            others.append(threading.Thread(target=self._deliver, args=[order]))
            others[0].start()
        answer = self._deliver(order)
        if 100 - TWICE <= chance < 100 - TWICE // 2:
            self._deliver(order)
        for other in others:
            other.join()
        if answer is not None:
            order.kind.learn(order, answer)

    def _deliver(self, order: Order) -> Answer | None:
        """Try until there is an answer; None once it is refused."""
        while True:
            sent = time.monotonic()
            status, answer = self._try(order)
            if status in (HTTPStatus.OK, HTTPStatus.CREATED):
                told = Acknowledged(order, status, answer, sent, came=time.monotonic())
                self.log.acknowledged.append(told)
                return told.answer
            code = answer["error"]["code"] if status else "no answer"
            if status not in (0, HTTPStatus.SERVICE_UNAVAILABLE) and code not in _ASKS_AGAIN:
                self.log.odd.append(f"{order.method} {order.path} {order.body}: {status} {answer}")
                return None
            self.log.put_off[code] += 1
            time.sleep(BETWEEN_TRIES)

    def _try(self, order: Order, *, wait: bool = True) -> tuple[int, Any]:
        """Status and content of the answer; status 0 when none came."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            path = f"/api/v1{order.path}"
            connection.request(order.method, path, json.dumps(order.body), headers)
            if not wait:
                return 0, None
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            connection.close()


def _next_order(desk: Desk) -> Order | None:
    if not desk.files:
        return OPENS_A_FILE.order(desk)
    shares = [kind.share for kind in KINDS]
    return random.choices(KINDS, shares)[0].order(desk)
