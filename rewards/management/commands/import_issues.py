from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from rewards.operations.issue_imports import ISSUES
from staff.management import imports


class Command(BaseCommand):
    help = "导入已领的礼品和已用的服务：会员应得的从此不再列为未领"

    def add_arguments(self, parser: CommandParser) -> None:
        imports.add_arguments(parser, ISSUES.columns)

    def handle(
        self, *args: object, file: Path, dry_run: bool, refused: Path | None, **options: object
    ) -> None:
        imports.run(self, kind=ISSUES, file=file, dry_run=dry_run, refused=refused)
