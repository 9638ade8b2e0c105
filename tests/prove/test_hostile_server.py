"""Broken requests over the wire, to the product as it is served: no worker is lost.

Only `make prove` runs this: it serves an installation of its own.
"""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psutil
import pytest

from tests.prove.crashes.installation import Installation, wait_until
from tests.prove.hostile import JSON_BODIES, json_body
from tests.prove.test_hostile_inputs import MOST_MEMORY, SEED

REQUESTS = 1_000
LONGEST = 5.0
MEGABYTE = 1_000_000
GIVEN = {"receipt_number": "R1", "file_number": "P1", "amount": "1", "paid_at": "2026-01-01"}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    place = Installation(tmp_path)
    yield place
    place.stop()


class Wire:
    """Draws requests as bytes; a well-formed one now and then shows that answers still come."""

    def __init__(self, random: Random, token: str) -> None:
        self.random = random
        self.token = token

    def request(self) -> bytes:
        kinds = (self._json, self._chunks, self._lengths, self._heads, self._junk, self._large)
        return self.random.choices(kinds, weights=(6, 4, 4, 4, 2, 1))[0]()

    def _head(self, *lines: str, method: str = "POST", path: str = "/api/v1/payments") -> bytes:
        head = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {self.token}",
        ]
        return "\r\n".join([*head, "Connection: close", *lines, "", ""]).encode("latin-1")

    def _json(self) -> bytes:
        content, kind = json_body(dict(GIVEN), self.random)
        return self._head(f"Content-Type: {kind}", f"Content-Length: {len(content)}") + content

    def _chunks(self) -> bytes:
        bodies = (
            b"ZZ\r\n{}\r\n0\r\n\r\n",
            b"2\r\n{}",
            b"2\r\n{}\r\n",
            b"-1\r\n{}\r\n0\r\n\r\n",
            b"FFFFFFFFFFFFFFFF\r\n{}\r\n",
            b"2;x=" + b"y" * 9_000 + b"\r\n{}\r\n0\r\n\r\n",
            b"2\r\n{}\r\n0\r\nX: y\r\n\r\n",
            b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
            b"",
        )
        path = self.random.choice(("/api/v1/payments", "/api/v1/patients/P1", "/login/"))
        coding = self.random.choice(("chunked", "chunked", "gzip", "chunked, chunked", "x"))
        head = self._head(f"Transfer-Encoding: {coding}", path=path)
        return head + self.random.choice(bodies)

    def _lengths(self) -> bytes:
        lengths = (
            ["5"],
            ["-1"],
            ["1e3"],
            ["0", "2"],
            ["2", "2"],
            ["99999999999999999999"],
            ["\xb2"],
        )
        lines = [f"Content-Length: {length}" for length in self.random.choice(lengths)]
        if self.random.random() < 0.2:
            lines.append("Transfer-Encoding: chunked")
        return self._head(*lines) + self.random.choice(JSON_BODIES)[:1_000]

    def _heads(self) -> bytes:
        heads = (
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
            b"get / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET /%00%ff HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            b"GET //evil.invalid/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
            b"GET http://[ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: evil.invalid\r\nConnection: close\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n",
            b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"A: b\r\n" * 500 + b"\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid=\xff\x00\r\n\r\n",
            b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid="
            + b"x" * 7_000
            + b"\r\n\r\n",
            b"HEAD /login/ HTTP/1.0\r\n\r\n",
        )
        return self.random.choice(heads)

    def _junk(self) -> bytes:
        return self.random.randbytes(self.random.choice((0, 1, 100, 5_000)))

    def _large(self) -> bytes:
        path = self.random.choice(("/api/v1/payments", "/login/"))
        body = b'{"name": "' + b"x" * (10 * MEGABYTE) + b'"}'
        return self._head(f"Content-Length: {len(body)}", path=path) + body


def answer(port: int, request: bytes) -> bytes:
    """What came back until the server closed; nothing when it closed at once."""
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST) as wire:
        received = b""
        try:
            wire.sendall(request)
            wire.shutdown(socket.SHUT_WR)
            while part := wire.recv(65_536):
                received += part
        except ConnectionError:
            pass
        return received


def fault_of(received: bytes, seconds: float) -> str:
    status = received[9:12]
    if seconds > LONGEST:
        return f"took {seconds:.1f} s"
    # What the server itself does not know how to read is 501; what we don't is our mistake.
    return f"status {status!r}" if status[:1] == b"5" and status != b"501" else ""


def test_no_worker_is_lost_over_broken_requests(installation: Installation) -> None:
    wire, found, most = Wire(Random(SEED), installation.prepare()), [], 0
    with installation.serving("tests.prove.served") as master:
        before = {worker.pid for worker in master.children()}
        for number in range(REQUESTS):
            request, began = wire.request(), time.monotonic()
            received = answer(installation.port, request)
            if fault := fault_of(received, time.monotonic() - began):
                found.append(f"SEED={SEED}, request {number}, {request[:200]!r}: {fault}")
            if number % 20 == 0:
                most = max(most, *map(memory_of, master.children()))
        assert {worker.pid for worker in master.children()} == before
        assert answer(installation.port, wire._head(method="GET", path="/healthz"))[9:12] == b"200"
        done = installation.run("manage.py", "check_books")
        # The control: one that is lost is missed.
        psutil.Process(min(before)).kill()
        wait_until(lambda: {worker.pid for worker in master.children()} != before)
    assert found == []
    assert most < MOST_MEMORY
    assert done.returncode == 0, done.stdout


def memory_of(worker: psutil.Process) -> int:
    return int(worker.memory_info().rss) // MEGABYTE
