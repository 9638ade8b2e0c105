import time
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from desk.backup.exceptions import BackupError
from desk.backup.restoring import restore_backup
from points.models import Receipt
from staff.operations.roles import sync_roles


class Command(BaseCommand):
    help = "把一个备份恢复到空数据库，然后检查账目"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="备份的文件夹，例如 var/backups/membership-…")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        began = time.monotonic()
        try:
            manifest = restore_backup(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"已恢复 {timezone.localtime(manifest.created_at):%Y-%m-%d %H:%M} 的备份："
            f"{len(manifest.rows)} 张表 {sum(manifest.rows.values()):,} 行，"
            f"{len(manifest.digests) - 1:,} 个文件，{time.monotonic() - began:.1f} 秒"
        )
        # A backup of an older version gets the tables and the rights of this one.
        call_command("migrate", verbosity=0, interactive=False)
        sync_roles()
        self._check_books()

    def _check_books(self) -> None:
        if last := Receipt.objects.order_by("recorded_at", "pk").last():
            recorded = timezone.localtime(last.recorded_at)
            self.stdout.write(f"最后一张收据：{last.number}，{recorded:%Y-%m-%d %H:%M:%S} 入账")
        call_command("check_books", stdout=self.stdout)
