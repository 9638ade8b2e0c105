import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config.keys import KeyFile
from staff.operations.keys import Unreadable, encrypted_tables, renew, wait_for_others

_ROTATING = 7_001_001
# Seconds: what was read a moment ago is being decrypted while its transaction has ended.
GRACE = 2.0
_BY_HAND = """FIELD_KEYS 写在环境变量或 .env 里，程序只在启动时读它，所以分三步：
1. 生成新密钥，写在 FIELD_KEYS 的最前面（旧的留在后面，用逗号隔开），另存一份，重新启动服务；
2. 运行 manage.py rotate_keys，把全部内容改用新密钥加密；
3. 按它的提示从 FIELD_KEYS 中去掉旧密钥，重新启动服务。
不想停机：把密钥放进文件，用 FIELD_KEYS_FILE 指明，以后 rotate_keys 一次做完。
新密钥：{key}"""


class Command(BaseCommand):
    help = "更换加密电话和证件号的密钥，服务不必停；中断后再运行一次即可继续"

    def handle(self, *args: object, **options: object) -> None:
        keys = settings.FIELD_KEYS
        if not isinstance(keys, KeyFile) and len(keys) == 1:
            raise CommandError(_BY_HAND.format(key=Fernet.generate_key().decode()))
        with _alone():
            if isinstance(keys, KeyFile):
                self._rotate(keys)
            else:
                self._renew_all()
                self.stdout.write(
                    "已全部改用 FIELD_KEYS 的第一个密钥。现在可以去掉后面的旧密钥并重新启动服务；"
                    "旧密钥另存，直到用它加密的备份都已删除"
                )

    def _rotate(self, keys: KeyFile) -> None:
        if len(keys) == 1:
            _add_a_key(keys)
            self.stdout.write(f"新密钥写在 {keys.path} 的最前面，请马上另存一份")
        else:
            self.stdout.write(f"{keys.path} 里有 {len(keys)} 个密钥，继续上一次的更换")
        self._renew_all()
        self.stdout.write(
            f"更换完成。旧密钥移到了 {keys.retire()}，恢复以前的备份时要用："
            "请与备份的密钥放在一起，直到那些备份都已删除"
        )

    def _renew_all(self) -> None:
        wait_for_others(self._tell)
        lost: list[Unreadable] = []
        for kept in encrypted_tables():
            changed, unreadable = renew(kept)
            lost += unreadable
            self.stdout.write(f"{kept.rows.name}：{changed:,} 行改用新密钥")
        if lost:
            raise CommandError(
                f"有 {len(lost)} 处密文用现有的密钥都打不开，旧密钥没有移走：{_named(lost)}"
            )
        wait_for_others(self._tell)
        time.sleep(GRACE)

    def _tell(self, count: int) -> None:
        self.stdout.write(f"等待 {count} 个正在进行的事务结束")


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_ROTATING])
        if cursor.fetchone() != (True,):
            raise CommandError("另一个 rotate_keys 正在运行，请等它结束")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_ROTATING])


def _add_a_key(keys: KeyFile) -> None:
    new, known = Fernet.generate_key().decode(), tuple(keys)
    # Behind first: should the machine go down, the key that others already write with is on disk.
    keys.replace((*known, new))
    keys.replace((new, *known))


def _named(lost: Sequence[Unreadable]) -> str:
    shown = "、".join(f"{one.table} 第 {one.key} 号的 {one.column}" for one in lost[:10])
    return shown + ("等" if len(lost) > 10 else "")
