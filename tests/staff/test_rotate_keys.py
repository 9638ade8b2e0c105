"""Field keys rotate: all that was readable stays readable, and the books stay right."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from config.keys import KeyFile
from members.models import Membership, Patient, Signature, signature_digest
from members.operations.patients import save_patient
from staff.management.commands import rotate_keys
from staff.models import ImportChunk, User
from staff.models.encrypted import decrypted
from staff.operations import keys
from staff.operations.keys import encrypted_tables, wait_for_others
from tests.factories.members import patient, resident_id
from tests.factories.points import member
from tests.factories.scheme import published
from tests.factories.staff import checked_import, user

OLD = Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotate_keys, "GRACE", 0)
    monkeypatch.setattr(keys, "_WAIT", 0.01)
    monkeypatch.setattr(keys, "ROWS_AT_ONCE", 2)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[KeyFile]:
    (tmp_path / "field_keys").write_text(OLD)
    keys_in_file = KeyFile(tmp_path / "field_keys")
    with override_settings(FIELD_KEYS=keys_in_file):
        yield keys_in_file


@pytest.fixture
def written(db: None, file: KeyFile) -> None:
    """Something in every column that holds ciphertext, and in the histories."""
    published()
    child = patient("K1", phone="13987450001", id_number=resident_id("20200312"))
    guardian = {
        "guardian_name": "张翠山",
        "guardian_relation": "父亲",
        "guardian_phone": "13987450002",
    }
    member(child, "1200", id_number=child.document_number, birth_date=None, **guardian)
    for number in ("K2", "K3", "K4"):
        patient(number, phone="13987450003")
    changed = {"name": "王五", "phone": "13987450004"}
    save_patient(file_number="K2", given=changed, by=user(), now=timezone.now())
    Signature.objects.create(
        patient=child,
        text="本人同意",
        image="aGVsbG8=",
        digest=signature_digest("本人同意", "aGVsbG8="),
        signed_at=timezone.now(),
        taken_by=user(),
    )
    ImportChunk.objects.create(batch=checked_import(), number=1, rows="[[], []]", judged="{}")


def everything() -> dict[str, list[Any]]:
    """What is stored, table by table, ciphertexts opened."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for kept in encrypted_tables():
            cursor.execute(f"SELECT * FROM {kept.rows.name} ORDER BY {kept.rows.key}")
            names = [column.name for column in cursor.description]
            secret = {names.index(column) for column in kept.rows.columns}
            found[kept.rows.name] = [
                [decrypted(cell) if at in secret else cell for at, cell in enumerate(row)]
                for row in cursor.fetchall()
            ]
            assert found[kept.rows.name], kept.rows.name
    return found


def test_everything_is_under_the_new_key_and_nothing_else_has_changed(
    written: None, file: KeyFile
) -> None:
    before = everything()
    call_command("rotate_keys", stdout=(said := StringIO()))
    (new,) = file
    assert new != OLD
    # Opened with the new key alone: row by row what it was, no history added.
    assert everything() == before
    assert file.path.with_name("field_keys.retired").read_text() == f"{OLD}\n"
    assert "更换完成" in said.getvalue() and "members_patientevent" in said.getvalue()
    call_command("check_books", stdout=(checked := StringIO()))
    assert "账目无误" in checked.getvalue()
    assert Membership.objects.get().guardian_phone == "13987450002"


def test_one_that_was_stopped_goes_on_with_the_same_key(
    written: None, file: KeyFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, renewing, seen = everything(), keys._renew_rows, []

    def stops(*given: Any) -> Any:
        seen.append(given)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return renewing(*given)

    with monkeypatch.context() as patch:
        patch.setattr(keys, "_renew_rows", stops)
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_keys", stdout=StringIO())
    new, old = file
    assert old == OLD and everything() == before
    call_command("check_books", stdout=StringIO())
    call_command("rotate_keys", stdout=(said := StringIO()))
    assert list(file) == [new] and everything() == before
    assert "继续上一次的更换" in said.getvalue()


def test_what_no_key_opens_is_named_and_keeps_the_old_key(written: None, file: KeyFile) -> None:
    lost = Fernet(Fernet.generate_key()).encrypt(b"13987450009").decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_patient SET phone = %s WHERE file_number = 'K3'", [lost])
    pk = Patient.objects.only("pk").get(file_number="K3").pk
    with pytest.raises(CommandError, match=f"members_patient 第 {pk} 号的 phone"):
        call_command("rotate_keys", stdout=StringIO())
    assert len(file) == 2 and Patient.objects.get(file_number="K2").phone == "13987450004"


def test_keys_in_the_environment_are_explained(db: None) -> None:
    with override_settings(FIELD_KEYS=(OLD,)), pytest.raises(CommandError, match="FIELD_KEYS_FILE"):
        call_command("rotate_keys")


def test_with_keys_in_the_environment_it_does_its_own_part(written: None) -> None:
    new = Fernet.generate_key().decode()
    with override_settings(FIELD_KEYS=(new, OLD)):
        before = everything()
        call_command("rotate_keys", stdout=(said := StringIO()))
    assert "现在可以去掉后面的旧密钥" in said.getvalue()
    with override_settings(FIELD_KEYS=(new,)):
        assert everything() == before


@pytest.fixture
def another(db: None) -> Iterator["psycopg.Connection[Any]"]:
    """A second connection to the same database."""
    given = connection.get_connection_params()
    plain = {name: given[name] for name in given.keys() - {"context", "cursor_factory"}}
    with psycopg.connect(**plain) as other:
        yield other


def test_it_waits_for_what_began_before_the_new_key(another: "psycopg.Connection[Any]") -> None:
    another.execute("SELECT 1")
    told: list[int] = []

    def tell(left: int) -> None:
        told.append(left)
        if len(told) == 3:
            another.rollback()

    wait_for_others(tell)
    assert told == [1, 1, 1]
    wait_for_others(tell)
    assert len(told) == 3


def test_two_at_once_are_refused(
    another: "psycopg.Connection[Any]", db: None, file: KeyFile
) -> None:
    another.execute("SELECT pg_advisory_lock(%s)", [rotate_keys._ROTATING])
    with pytest.raises(CommandError, match="另一个 rotate_keys 正在运行"):
        call_command("rotate_keys")
    assert list(file) == [OLD] and User.objects.system()
