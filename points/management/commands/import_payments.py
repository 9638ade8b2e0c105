from functools import partial
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from points.operations.imports import PAYMENT_COLUMNS, import_payments
from staff.management import imports
from staff.models import User


class Command(BaseCommand):
    help = "导入收费记录并计积分：同一收据只计一次；档案号不存在而有姓名的，建立病人档案"

    def add_arguments(self, parser: CommandParser) -> None:
        imports.add_arguments(parser, PAYMENT_COLUMNS)

    def handle(
        self, *args: object, file: Path, dry_run: bool, refused: Path | None, **options: object
    ) -> None:
        imports.run(
            self,
            columns=PAYMENT_COLUMNS,
            save=partial(import_payments, by=User.objects.system(), now=timezone.now()),
            file=file,
            dry_run=dry_run,
            refused=refused,
        )
