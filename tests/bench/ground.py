"""The database that is measured: its own server, made new, filled through the real trigger."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from config import embedded_postgres

DIRECTORY = embedded_postgres.BASE_DIR / "var" / "bench-postgres"
PATIENTS = 100_000
CHUNK = 20_000
PAID_AT = "2025-06-01 09:00+08"

_RECEIPTS = """
INSERT INTO points_receipt (number, revision, patient_id, amount, rate, paid_at, department,
                            doctor_number, note, scheme_id, by_id)
SELECT 'G' || n, 1, patient.id, 10 + n %% 90, 1,
       %(paid_at)s::timestamptz - (n %% 700) * interval '1 day', '', '', '', %(scheme)s, %(by)s
  FROM generate_series(%(low)s::int, %(high)s::int) n
  JOIN members_patient patient ON patient.file_number = 'B' || (n %% %(patients)s)
"""
_ENTRIES = """
INSERT INTO points_pointsentry (account_id, kind, cumulative_delta, available_delta, occurred_at,
                                reference, scheme_id, by_id)
SELECT patient_id, 'earn', net_points, 0, paid_at, reference, scheme_id, by_id
  FROM points_receipt
  JOIN generate_series(%(low)s::int, %(high)s::int) n ON number = 'G' || n
 ORDER BY patient_id, n
"""


@contextlib.contextmanager
def server() -> Iterator[str]:
    """An address for DATABASE_URL: an empty database on a durable server of its own."""
    given = os.environ.get("DATABASE_URL", "")
    with contextlib.ExitStack() as stack:
        if not given:
            stack.enter_context(embedded_postgres.running(DIRECTORY))
        url = given or embedded_postgres.database_url(DIRECTORY)
        maintenance = url.replace("/membership?", "/postgres?")
        with psycopg.connect(maintenance, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS membership_bench WITH (FORCE)")
            connection.execute("CREATE DATABASE membership_bench")
        yield url.replace("/membership?", "/membership_bench?")


def connect(url: str) -> psycopg.Connection:
    """A plain connection that prepares its statements, as bare SQL would be written."""
    connection = psycopg.connect(url, autocommit=True)
    connection.prepare_threshold = 1
    return connection


def grow(connection: psycopg.Connection, *, low: int, high: int, scheme: int, by: int) -> None:
    """Fill the ledger with receipts and entries number `low` to `high`."""
    began = time.monotonic()
    for start in range(low, high + 1, CHUNK):
        place = {
            "low": start,
            "high": min(start + CHUNK - 1, high),
            "patients": PATIENTS,
            "scheme": scheme,
            "by": by,
            "paid_at": PAID_AT,
        }
        with connection.transaction():
            connection.execute(_RECEIPTS, place)
            connection.execute(_ENTRIES, place)
    connection.execute("ANALYZE")
    print(f"  已有 {high:,} 行流水（{time.monotonic() - began:.0f} 秒）", flush=True)


def memory_of(pid: int) -> int:
    """Resident memory of a process in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])
