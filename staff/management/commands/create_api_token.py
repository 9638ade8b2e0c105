from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from staff import roles
from staff.exceptions import Refusal
from staff.operations.people import create_api_token
from staff.operations.roles import sync_roles


class Command(BaseCommand):
    help = "为医院信息系统等程序创建接口令牌，只显示一次"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="令牌的名称，例如 HIS")
        parser.add_argument("--role", default=roles.HIS, choices=roles.ROLES)

    def handle(self, *args: object, name: str, role: str, **options: object) -> None:
        sync_roles()
        try:
            token = create_api_token(name=name, role=role, now=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(token)
