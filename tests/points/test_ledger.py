"""The ledger posts itself: what is written past the application is right all the same."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from points.models import PointsAccount, PointsEntry, Receipt
from points.queries import broken_rows
from tests.factories.members import patient
from tests.factories.points import member
from tests.points.attacks import entry, paid
from tests.points.conftest import run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def undone(books: None) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_a_receipt_starts_with_nothing_refunded() -> None:
    run(paid("A9", more=", refunded_amount", values=", 50"))
    run(entry("earn", 100, 0, "receipt:A9#1"))
    assert Receipt.objects.get(number="A9").refunded_amount == 0


def test_what_the_trigger_fills_cannot_be_forged() -> None:
    before = PointsAccount.objects.get(patient__file_number="A")
    forged = entry("earn", 100, 0, "receipt:A9#1")
    forged = forged.replace("by_id)", "by_id, seq, cumulative_after, hash, recorded_at)", 1)
    forged = forged.replace(
        "u.id", "u.id, 77, 999999, '\\xff'::bytea, '2020-01-01'::timestamptz", 1
    )
    run(paid("A9"))
    run(forged)
    written = PointsEntry.objects.get(reference="receipt:A9#1")
    assert written.seq == before.last_seq + 1
    assert written.cumulative_after == before.cumulative + 100
    assert written.recorded_at.year > 2020
    assert list(broken_rows()) == []


def test_copy_goes_through_the_same_trigger() -> None:
    columns = (
        "account_id, kind, cumulative_delta, available_delta, occurred_at, reference, scheme_id,"
        " by_id"
    )
    known = PointsEntry.objects.get(reference="receipt:B1#1")
    row = (known.account_id, "earn", 5000, 0, known.occurred_at, "receipt:B9#1")
    with pytest.raises(IntegrityError, match="积分与收据不符"), transaction.atomic():
        copy_rows(f"COPY points_pointsentry ({columns}) FROM STDIN", [(*row, 1, 1)])


def copy_rows(statement: str, rows: list[tuple[Any, ...]]) -> None:
    with (
        connection.wrap_database_errors,
        connection.connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(row)


def test_an_entry_without_a_cause_is_named_by_the_check() -> None:
    run(entry("goodwill", 0, 500, "nothing"))
    assert [sentence for sentence in broken_rows()] == [
        "积分流水 档案 A 第 4 行（nothing）：没有对应的业务"
    ]


@pytest.mark.parametrize(
    "setting",
    [
        "TimeZone = 'America/New_York'",
        "DateStyle = 'German, DMY'",
        "IntervalStyle = 'sql_standard'",
        "bytea_output = 'escape'",
        "extra_float_digits = 0",
        "search_path = pg_temp, public",
    ],
)
def test_the_session_s_settings_do_not_change_the_hashes(setting: str) -> None:
    run(f"SET LOCAL {setting}")
    run(f"{paid('A9')}; {entry('earn', 100, 0, 'receipt:A9#1')}")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(hash = points_entry_hash(entry, points_receipt_text(paid)))"
            " FROM points_pointsentry entry JOIN points_receipt paid USING (reference)"
        )
        assert cursor.fetchone() == (True,)
    run("RESET ALL")
    assert list(broken_rows()) == []


def test_one_person_is_a_member_once_even_when_the_file_gets_the_document_later() -> None:
    taken = "UPDATE members_patient SET document_index = 'x', document_last4 = 'x' WHERE id = {}"
    ids = [member(patient()).patient_id for _ in range(2)]
    run(taken.format(ids[0]))
    with pytest.raises(IntegrityError, match="membership_one_person_one_member"):
        run(taken.format(ids[1]))
