import environ
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from desk.demo.seeding import is_empty, seed
from desk.demo.staffing import LOGINS, password
from staff.exceptions import Refusal
from staff.models import User


class Command(BaseCommand):
    help = "在空数据库中写入虚构的演示数据，并列出各角色的登录名"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="相同的数字得到相同的数据")
        parser.add_argument(
            "--if-empty", action="store_true", help="数据库不是空的也不算出错，只再列出登录名"
        )

    def handle(self, *args: object, seed: int, if_empty: bool, **options: object) -> None:
        if if_empty and not is_empty():
            self.stdout.write("数据库中已有数据，没有写入演示数据。")
        else:
            self._seed(seed)
        if _is_demo():
            self._print_logins()

    def _seed(self, number: int) -> None:
        try:
            seeded = seed(seed=number, now=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(
            f"已写入虚构的演示数据：{seeded.patients} 位病人、{seeded.members} 位会员、"
            f"{seeded.receipts:,} 张收据。"
        )

    def _print_logins(self) -> None:
        port = environ.Env().int("PORT", default=8000)
        self.stdout.write(f"打开 http://127.0.0.1:{port} ，用下面的登录名登录（只供演示）：")
        for login in LOGINS:
            self.stdout.write(
                f"  登录名 {login.username:<12}密码 {password()}  {login.role}（{login.name}）"
            )


def _is_demo() -> bool:
    """Whether the log-ins of the demonstration are here and still have its password."""
    user = User.objects.filter(username=LOGINS[0].username).first()
    return user is not None and user.check_password(password())
