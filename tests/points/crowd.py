"""Threads that do the same at the same moment, for the races and for their controls."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db import connection
from django.utils import timezone

from members.models import Patient
from points.models import TierReview
from points.operations.enrolment import Enrolled, enrol
from points.operations.receipts import Recorded, record_receipt
from points.operations.refunds import Refunded, record_refund
from points.operations.reviews import decide_review
from points.rules import NewReceipt, NewRefund
from staff.exceptions import Refusal
from staff.models import User

ROUNDS = 1000 if os.environ.get("PROVE") else 12
THREADS = 8
T = TypeVar("T")


class Crowd:
    """Threads with a connection each, which start their calls at the same moment."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS)

    def __call__(self, *calls: Callable[[], T]) -> list[T | Refusal]:
        """What the calls came to; anything but a refusal fails the test."""
        start = threading.Barrier(len(calls))

        def run(call: Callable[[], T]) -> T | Refusal:
            connection.ensure_connection()
            start.wait(timeout=30)
            try:
                return call()
            except Refusal as refusal:
                return refusal

        return [done.result(60) for done in [self._threads.submit(run, call) for call in calls]]

    def leave(self) -> None:
        # Looked up in each thread: every thread has a connection of its own.
        self(*[lambda: connection.close()] * THREADS)
        self._threads.shutdown()


def pay(patient: Patient, number: str, amount: str, by: User) -> Callable[[], Recorded]:
    now = timezone.now()
    new = NewReceipt(number, patient.file_number, Decimal(amount), paid_at=now)
    return lambda: record_receipt(new=new, by=by, now=now)


def give_back(number: str, receipt_number: str, amount: str, by: User) -> Callable[[], Refunded]:
    def call() -> Refunded:
        now = timezone.now()
        new = NewRefund(number, receipt_number, Decimal(amount), refunded_at=now, reason="退")
        return record_refund(new=new, by=by, now=now)

    return call


def join(patient: Patient, form: dict[str, object], by: User) -> Callable[[], Enrolled]:
    now: datetime = timezone.now()
    return lambda: enrol(file_number=patient.file_number, given=form, by=by, now=now)


def decided(review_id: int, decision: TierReview.Decision, by: User) -> Callable[[], TierReview]:
    return lambda: decide_review(
        review_id=review_id, decision=decision, sentence="同意", by=by, now=timezone.now()
    )


def refused(outcomes: list[T | Refusal]) -> list[str]:
    return [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
