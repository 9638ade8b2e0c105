from collections.abc import Iterator
from itertools import chain

from django.core.management.base import BaseCommand
from django.db import connection, transaction

from members.queries import broken_rows as broken_members
from points.queries import broken_rows as broken_points
from points.queries import count_entries
from rewards.queries import broken_rows as broken_rewards
from scheme.queries import broken_rows as broken_schemes
from staff.queries import broken_rows as broken_staff


class Command(BaseCommand):
    help = "从收据和退费重新计算全部账目，逐行说明不符之处；有不符时退出码为 1"

    def handle(self, *args: object, **options: object) -> None:
        with transaction.atomic():
            _one_moment()
            found = sum(1 for _ in map(self.stdout.write, _sentences()))
            entries = count_entries()
        if found:
            self.stdout.write(f"发现 {found} 处不符")
            raise SystemExit(1)
        self.stdout.write(f"账目无误：{entries:,} 行流水")


def _sentences() -> Iterator[str]:
    return chain(
        broken_staff(),
        broken_schemes(),
        broken_members(),
        broken_points(),
        broken_rewards(),
    )


def _one_moment() -> None:
    """Let all checks see the books of one moment, while the desk goes on."""
    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
