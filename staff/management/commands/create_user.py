import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff import roles
from staff.exceptions import Refusal
from staff.operations.people import create_user
from staff.operations.roles import sync_roles

PEOPLE_ROLES = [role for role in roles.ROLES if role != roles.HIS]


class Command(BaseCommand):
    help = "创建登录用户；新安装的系统用它创建第一位系统管理员"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="登录名")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--role", default=roles.SYSTEM_ADMIN, choices=PEOPLE_ROLES)
        parser.add_argument("--password", help="不写则在终端输入")

    def handle(
        self,
        *args: object,
        username: str,
        name: str,
        role: str,
        password: str | None,
        **options: object,
    ) -> None:
        chosen = password or getpass.getpass("密码（至少 12 位）：")
        sync_roles()
        try:
            validate_password(chosen)
            create_user(username=username, name=name, role=role, password=chosen)
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"已创建 {name}（登录名 {username}，角色 {role}）")
