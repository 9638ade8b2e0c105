from functools import partial
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from members.operations.imports import PATIENT_COLUMNS, import_patients
from staff.management import imports
from staff.models import User


class Command(BaseCommand):
    help = "导入病人档案：建立新的，更新已有的（new 中包括更新的），空单元格不改动"

    def add_arguments(self, parser: CommandParser) -> None:
        imports.add_arguments(parser, PATIENT_COLUMNS)

    def handle(
        self, *args: object, file: Path, dry_run: bool, refused: Path | None, **options: object
    ) -> None:
        imports.run(
            self,
            columns=PATIENT_COLUMNS,
            save=partial(import_patients, by=User.objects.system(), now=timezone.now()),
            file=file,
            dry_run=dry_run,
            refused=refused,
        )
