"""(c) A receipt by one call of the HTTP API, under gunicorn: CPU of the Python process."""

import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from tests.bench.ground import PATIENTS

PORT = 8791
CALLS = 1_000
WARM_UP = 100


def measure(url: str, token: str, *, now: datetime, prefix: str) -> None:
    """Serve with one worker, post receipts one after the other and print what each cost."""
    environment = {**os.environ, "DATABASE_URL": url, "PORT": str(PORT)}
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"]
    command += ["--workers", "1", "config.wsgi"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            _wait()
            _measure(server.pid, token, now, prefix)
        finally:
            server.terminate()


def _wait() -> None:
    for _ in range(150):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("gunicorn 没有启动")


def _measure(pid: int, token: str, now: datetime, prefix: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    for place in range(WARM_UP):
        _post(connection, token, f"{prefix}w{place}", now)
    worker = _children(pid)
    cpu, times = _cpu_seconds(worker), []
    for place in range(CALLS):
        began = time.perf_counter()
        _post(connection, token, f"{prefix}c{place}", now)
        times.append((time.perf_counter() - began) * 1000)
    spent = (_cpu_seconds(worker) - cpu) * 1000 / CALLS
    p99 = statistics.quantiles(times, n=100)[98]
    print(
        f"  {'(c) POST /payments':<24} p50 {statistics.median(times):6.2f} ms   p99 {p99:6.2f} ms"
    )
    print(f"  (c) 每次调用的 Python CPU：{spent:.2f} ms", flush=True)


def _post(connection: http.client.HTTPConnection, token: str, number: str, now: datetime) -> None:
    body = {
        "receipt_number": number,
        "file_number": f"B{random.randrange(PATIENTS)}",
        "amount": "10.50",
        "paid_at": now.isoformat(),
    }
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/payments", json.dumps(body), headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != http.HTTPStatus.CREATED:
        raise SystemExit(f"接口返回 {answer.status}：{content.decode()}")


def _children(pid: int) -> int:
    (worker,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(worker)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(fields[11]) + int(fields[12])
    return float(ticks / os.sysconf("SC_CLK_TCK"))
