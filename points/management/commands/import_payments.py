from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser

from points.operations.imports import PAYMENTS
from staff.management import imports


class Command(BaseCommand):
    help = "导入收费记录并计积分：同一收据只计一次；档案号不存在而有姓名的，建立病人档案"

    def add_arguments(self, parser: CommandParser) -> None:
        imports.add_arguments(parser, PAYMENTS.columns)

    def handle(
        self, *args: object, file: Path, dry_run: bool, refused: Path | None, **options: object
    ) -> None:
        imports.run(self, kind=PAYMENTS, file=file, dry_run=dry_run, refused=refused)
