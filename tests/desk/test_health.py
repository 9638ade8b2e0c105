from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client, override_settings


def test_the_process_answers_without_a_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content.decode()) == (200, "正常\n")


@pytest.mark.django_db
def test_it_is_ready_when_the_database_is(client: Client, tmp_path: Path) -> None:
    with override_settings(BACKUP_DIR=tmp_path):
        response = client.get("/readyz")
    assert (response.status_code, response.content.decode()) == (200, "就绪\n警告：还没有备份\n")


@pytest.mark.django_db
def test_a_lost_database_is_one_sentence_without_details(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise OperationalError("connection to 10.1.2.3 refused for user app")

    monkeypatch.setattr(MigrationExecutor, "__init__", lost)
    response = client.get("/readyz")
    assert (response.status_code, response.content.decode()) == (503, "数据库暂时连不上\n")


@pytest.mark.django_db
def test_a_database_of_an_older_version_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behind(*_: Any) -> list[object]:
        return [object()]

    monkeypatch.setattr(MigrationExecutor, "migration_plan", behind)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content.decode() == "数据库还没有升级到这个版本\n"


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_they_only_answer_questions(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
