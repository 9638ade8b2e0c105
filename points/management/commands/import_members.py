from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from points.operations.member_imports import MEMBERS
from staff.management import imports


class Command(BaseCommand):
    help = "导入老会员：保留会员号和入会日期，级别按已有的收据计算，空单元格不改动"

    def add_arguments(self, parser: CommandParser) -> None:
        imports.add_arguments(parser, MEMBERS.columns)

    def handle(
        self, *args: object, file: Path, dry_run: bool, refused: Path | None, **options: object
    ) -> None:
        imports.run(self, kind=MEMBERS, file=file, dry_run=dry_run, refused=refused)
