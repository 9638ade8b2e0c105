from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from members.operations.imports import PATIENTS
from staff.management import imports


class Command(BaseCommand):
    help = "导入病人档案：建立新的，更新已有的（new 中包括更新的），空单元格不改动"

    def add_arguments(self, parser: CommandParser) -> None:
        imports.add_arguments(parser, PATIENTS.columns)

    def handle(
        self, *args: object, file: Path, dry_run: bool, refused: Path | None, **options: object
    ) -> None:
        imports.run(self, kind=PATIENTS, file=file, dry_run=dry_run, refused=refused)
