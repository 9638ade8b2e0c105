from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from points.operations.legacy_imports import LEGACY_POINTS
from staff.management import imports


class Command(BaseCommand):
    help = "导入原积分（截止日期以前的余额），立即计入：能运行命令的人就是第二个人"

    def add_arguments(self, parser: CommandParser) -> None:
        imports.add_arguments(parser, LEGACY_POINTS.columns)

    def handle(
        self, *args: object, file: Path, dry_run: bool, refused: Path | None, **options: object
    ) -> None:
        imports.run(self, kind=LEGACY_POINTS, file=file, dry_run=dry_run, refused=refused)
