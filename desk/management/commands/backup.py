import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from desk.backup.exceptions import BackupError
from desk.backup.making import make_backup
from desk.backup.shelf import drop_all_but, finished


class Command(BaseCommand):
    help = "备份数据库和上传的文件；密钥不在其中，请另行保存"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", type=Path, default=settings.BACKUP_DIR, help="放在哪个文件夹里，默认 BACKUP_DIR"
        )

    def handle(self, *args: object, to: Path, **options: object) -> None:
        began = time.monotonic()
        try:
            manifest = make_backup(to, now=timezone.now())
        except BackupError as error:
            raise CommandError(str(error)) from error
        rows = sum(manifest.rows.values())
        self.stdout.write(
            f"已备份：{finished(to)[-1]}（{len(manifest.rows)} 张表 {rows:,} 行，"
            f"{len(manifest.digests) - 1:,} 个文件，{time.monotonic() - began:.1f} 秒）"
        )
        for folder in drop_all_but(settings.BACKUPS_KEPT, to):
            self.stdout.write(f"已删除最旧的备份：{folder.name}")
