from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from members.models import Patient, SearchKey
from members.queries import broken_rows
from tests.factories.members import patient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    ["name = '李兴望'", "sex = 'female'", "birth_date = '1985-03-13'", "address = '昆明'"],
)
def test_a_patient_file_changed_past_its_history_is_named(change: str) -> None:
    someone = patient(name="李兴旺", sex="male", birth_date="1985-03-12", address="曲靖")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE members_patient SET {change} WHERE id = %s", [someone.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    named = f"档案 {someone.file_number} 与其修改记录的最后一条不同"
    assert next(broken_rows()) == named


def test_an_honest_change_leaves_the_books_whole() -> None:
    someone = patient(name="李兴旺")
    patient(someone.file_number, name="李兴望")
    assert Patient.objects.get().name == "李兴望"
    assert list(broken_rows()) == []


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM members_searchkey WHERE key = '兴旺'",
        "UPDATE members_searchkey SET key = 'zhangxw' WHERE key = 'lixw'",
        "INSERT INTO members_searchkey (patient_id, key) SELECT id, 'zhang' FROM members_patient",
    ],
)
def test_a_file_that_its_name_does_not_find_is_named(harm: str) -> None:
    someone = patient(name="李兴旺")
    with connection.cursor() as cursor:
        cursor.execute(harm)
    assert list(broken_rows()) == [f"档案 {someone.file_number} 的检索码与姓名不符"]


def test_keys_are_put_right_by_a_command() -> None:
    someone = patient(name="李兴旺")
    keys = set(someone.search_keys.values_list("key", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_searchkey SET key = 'zhangxw' WHERE key = 'lixw'")
    said = StringIO()
    call_command("renew_search_keys", stdout=said)
    assert "已更新 1 份档案" in said.getvalue()
    assert set(someone.search_keys.values_list("key", flat=True)) == keys
    assert list(broken_rows()) == []


def test_files_from_before_get_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("李兴旺", "曾国藩", "·", "张𠮷", "尉迟恭"):
        patient(name=name)
    SearchKey.objects.all().delete()
    migration = import_module("members.migrations.0006_search_keys")
    monkeypatch.setattr(migration, "AT_ONCE", 2)
    migration.write(apps, SimpleNamespace(connection=connection))
    assert SearchKey.objects.filter(key="cgf").exists() and list(broken_rows()) == []
