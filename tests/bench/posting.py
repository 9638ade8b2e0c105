"""(a) A receipt by the bare SQL that the schema needs, (b) by `points.operations`."""

import random
import statistics
import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

import psycopg

from points.operations.receipts import record_receipt
from points.rules import NewReceipt
from staff.models import User
from tests.bench.ground import PATIENTS

ROUNDS = 1_500
WARM_UP = 200
AMOUNT = Decimal("10.50")

_LOOK_UP = """
SELECT patient.id, (SELECT id FROM scheme_scheme
                     WHERE published_at IS NOT NULL AND effective_from <= %s
                     ORDER BY effective_from DESC LIMIT 1)
  FROM members_patient patient WHERE file_number = %s FOR KEY SHARE OF patient
"""
_RECEIPT = """
INSERT INTO points_receipt (number, revision, patient_id, amount, rate, paid_at, department,
                            doctor_number, note, scheme_id, by_id)
VALUES (%s, 1, %s, %s, 1, %s, '', '', '', %s, %s) ON CONFLICT DO NOTHING RETURNING id
"""
_ENTRY = """
INSERT INTO points_pointsentry (account_id, kind, cumulative_delta, available_delta, occurred_at,
                                reference, scheme_id, by_id)
VALUES (%s, 'earn', 10, 0, %s, %s, %s, %s) RETURNING id, cumulative_after, available_after
"""
_STANDING = """
SELECT member.id,
       (SELECT tier FROM points_tierreached
         WHERE membership_id = member.id AND withdrawn_by_id IS NULL
         ORDER BY rank DESC LIMIT 1),
       (SELECT max(points) FROM (SELECT sum(net_points) AS points FROM points_receipt
                                  WHERE patient_id = patient.id GROUP BY day) AS by_day)
  FROM members_patient patient
  LEFT JOIN members_membership member ON member.patient_id = patient.id
 WHERE patient.id = %s
"""


def compare(bare: psycopg.Connection, *, by: User, now: datetime, prefix: str) -> float:
    """Print both in turn, receipt by receipt; returns the p50 of (b) in milliseconds."""
    by_sql, by_operation = [], []
    for place in range(ROUNDS):
        file_number = f"B{random.randrange(PATIENTS)}"
        bare_act = partial(_bare, bare, f"{prefix}a{place}", file_number, by, now)
        by_sql.append(_timed(bare_act))
        new = NewReceipt(f"{prefix}b{place}", file_number, AMOUNT, now)
        by_operation.append(_timed(partial(record_receipt, new=new, by=by, now=now)))
    a, b = _line("(a) SQL", by_sql), _line("(b) points.operations", by_operation)
    print(f"  (b)/(a) 中位数之比：{b / a:.2f}", flush=True)
    return b


def _bare(
    connection: psycopg.Connection, number: str, file_number: str, by: User, now: datetime
) -> None:
    with connection.transaction():
        patient, scheme = _one(connection, _LOOK_UP, now.date(), file_number)
        _one(connection, _RECEIPT, number, patient, AMOUNT, now, scheme, by.pk)
        _one(connection, _ENTRY, patient, now, f"receipt:{number}#1", scheme, by.pk)
        _one(connection, _STANDING, patient)


def _one(connection: psycopg.Connection, statement: str, *values: object) -> tuple[object, ...]:
    row = connection.execute(statement, values).fetchone()
    assert row
    return row


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _line(what: str, times: list[float]) -> float:
    counted = times[WARM_UP:]
    p50 = statistics.median(counted)
    p99 = statistics.quantiles(counted, n=100)[98]
    print(f"  {what:<24} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
    return p50
