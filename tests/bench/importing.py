"""The import of 100,000 receipts, and (d) the same rows by bare SQL through the same trigger."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from tests.bench.ground import PATIENTS, memory_of

ROWS = 100_000
BATCH = 2_000

_STAGE = """
CREATE TEMP TABLE stage (place int, number text, file_number text, amount numeric,
                         paid_at timestamptz)
"""
_RECEIPTS = """
INSERT INTO points_receipt (number, revision, patient_id, amount, rate, paid_at, department,
                            doctor_number, note, scheme_id, by_id)
SELECT number, 1, patient.id, amount, 1, paid_at, '', '', '', %s, %s
  FROM stage JOIN members_patient patient USING (file_number)
 WHERE place >= %s AND place < %s
"""
_ENTRIES = """
INSERT INTO points_pointsentry (account_id, kind, cumulative_delta, available_delta, occurred_at,
                                reference, scheme_id, by_id)
SELECT patient_id, 'earn', net_points, 0, receipt.paid_at, reference, scheme_id, by_id
  FROM stage JOIN points_receipt receipt USING (number)
 WHERE place >= %s AND place < %s
 ORDER BY patient_id, place
"""


def measure(
    bare: psycopg.Connection, url: str, folder: Path, *, scheme: int, by: int, now: datetime
) -> None:
    """Print rows a second of both, the first and the last batch, and the memory taken."""
    bare_rate = _bare(bare, list(_rows("D", now)), scheme, by)
    print(f"  {'(d) SQL':<24} {bare_rate:8,.0f} 行/秒")
    path = folder / "receipts.csv"
    _write(path, now)
    rate, early, late = _command(url, path)
    print(f"  {'import_payments':<24} {rate:8,.0f} 行/秒，为 (d) 的 {rate / bare_rate:.0%}")
    first, last = _batches(bare)
    print(f"  首批 {first:,.0f} 行/秒，末批 {last:,.0f} 行/秒，末批/首批 {last / first:.2f}")
    print(f"  内存：开始时 {early // 1024} MiB，结束时 {late // 1024} MiB", flush=True)


def _rows(prefix: str, now: datetime) -> Iterator[tuple[int, str, str, str, str]]:
    for place in range(ROWS):
        paid_at = now - timedelta(minutes=ROWS - place)
        file_number = f"B{place * 7919 % PATIENTS}"
        yield place, f"{prefix}{place}", file_number, f"{place % 90 + 10}.50", f"{paid_at:%F %T}"


def _bare(
    bare: psycopg.Connection, rows: list[tuple[int, str, str, str, str]], scheme: int, by: int
) -> float:
    began = time.perf_counter()
    bare.execute(_STAGE)
    with bare.cursor().copy("COPY stage FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    for start in range(0, ROWS, BATCH):
        with bare.transaction():
            bare.execute(_RECEIPTS, [scheme, by, start, start + BATCH])
            bare.execute(_ENTRIES, [start, start + BATCH])
    bare.execute("DROP TABLE stage")
    return ROWS / (time.perf_counter() - began)


def _write(path: Path, now: datetime) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["收据号", "档案号", "金额", "收费时间"])
        writer.writerows(row[1:] for row in _rows("I", now))


def _command(url: str, path: Path) -> tuple[float, int, int]:
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "manage.py", "import_payments", str(path)]
    began = time.perf_counter()
    memory = []
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as importing:
        while importing.poll() is None:
            memory.append(memory_of(importing.pid))
            time.sleep(0.25)
    settled = memory[len(memory) // 4 : -2]
    return ROWS / (time.perf_counter() - began), settled[0], settled[-1]


def _batches(bare: psycopg.Connection) -> tuple[float, float]:
    """Rows a second of the first and the last whole batch: each has one recording time."""
    batches = bare.execute(
        "SELECT extract(epoch FROM recorded_at), count(*) FROM points_receipt"
        " WHERE number LIKE 'I%' GROUP BY recorded_at ORDER BY recorded_at"
    ).fetchall()
    rates = [
        float(rows / (after - at))
        for (at, rows), (after, _) in zip(batches, batches[1:], strict=False)
    ]
    return rates[0], rates[-1]
