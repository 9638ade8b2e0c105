import pytest
from django.core.management import CommandError, call_command

from staff.models import User

PASSWORD = "qu-jing-kou-qiang-1"


def test_the_first_administrator_is_made_from_the_shell(db: None) -> None:
    call_command("create_user", "admin", name="李工", password=PASSWORD)
    user = User.objects.get(username="admin")
    assert user.check_password(PASSWORD)
    assert user.has_perm("staff.use_admin")


def test_a_login_name_in_use_is_refused(db: None) -> None:
    call_command("create_user", "admin", name="李工", password=PASSWORD)
    with pytest.raises(CommandError, match="登录名 admin 已被使用"):
        call_command("create_user", "admin", name="王工", password=PASSWORD)


def test_a_short_password_is_refused_in_chinese(db: None) -> None:
    with pytest.raises(CommandError, match="密码太短，至少 12 个字符"):
        call_command("create_user", "admin", name="李工", password="short")
    assert not User.objects.filter(username="admin").exists()
