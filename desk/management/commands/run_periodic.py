from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from points.operations.changeover import run_due as carry_over

# Any number that nothing else of ours takes.
_LOCK = 20131001


class Command(BaseCommand):
    help = "办到期的事（如启用方案B当天把以前的积分转为可用）；每天至少运行一次，多次运行无妨"

    def handle(self, *args: object, **options: object) -> None:
        with _alone() as is_alone:
            if not is_alone:
                self.stdout.write("另一个 run_periodic 正在运行，这次不再运行")
                return
            done = carry_over(now=timezone.now())
        self.stdout.write(f"积分转为可用：{done:,} 份档案")


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other run is under way; held until the end, across transactions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (is_alone,) = cursor.fetchone() or (False,)
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
