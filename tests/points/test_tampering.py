"""One digit changed in any row of the books, with triggers off, and `check_books` names the row.

The columns are found from the models, so that a new one is tried as well.
"""

import os
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from members.models import Membership, Patient
from points.models import (
    Correction,
    LegacyBalance,
    LegacyConfirmation,
    PointsAccount,
    PointsEntry,
    Receipt,
    Refund,
    TierReached,
    TierReview,
)
from scheme.models import CatalogueItem, GiftBand, Scheme, TierBenefit, TierRule
from staff.models import Approval
from tests.points.conftest import run

pytestmark = pytest.mark.django_db

Model = type[models.Model]


# Others refer to the key; half a guardian is refused by its constraint, triggers or not.
NOT_TRIED = {"id", "guardian_name", "guardian_relation", "guardian_phone"}


def columns_of(model: Model) -> list[str]:
    columns = (field.column for field in model._meta.local_concrete_fields)
    return [column for column in columns if column not in NOT_TRIED]


# The row that is changed, and what its sentence names.
ROWS: dict[Model, tuple[str, str]] = {
    PointsAccount: (
        "patient_id = (SELECT id FROM members_patient WHERE file_number = 'A')",
        "档案 A",
    ),
    PointsEntry: ("reference = 'receipt:A1#1'", "A1"),
    Receipt: ("number = 'A1'", "A1"),
    Refund: ("number = 'T1'", "T1"),
    Correction: ("reference = 'reversal:receipt:K1#1'", "K1"),
    LegacyBalance: ("points = 21000", "档案 O"),
    LegacyConfirmation: ("decision = 'confirm'", "档案 N"),
    TierReached: ("NOT at_enrolment", "达到级别 "),
    TierReview: ("decision = ''", "级别复核 "),
}
# Nothing refers to these keys, so they say nothing; a moment, while it stays between the same two
# entries.
SAYS_NOTHING = {
    (TierReached, "id"),
    (TierReview, "id"),
    (TierReview, "decided_at"),
    (LegacyConfirmation, "id"),
}
ELSEWHERE: dict[Model, tuple[str, str, list[str]]] = {
    Patient: ("file_number = 'A'", "档案", columns_of(Patient)),
    Membership: ("true", "会员号", columns_of(Membership)),
    Approval: ("true", "", ["id", "kind", "requested_by_id"]),
    Scheme: ("true", "规则版本", ["id", "points_per_yuan", "effective_from", "plan_b", "content"]),
    TierRule: ("code = 'vip'", "规则版本", ["rank", "one_time", "cumulative", "name"]),
    TierBenefit: ("true", "规则版本", ["quantity"]),
    GiftBand: ("true", "规则版本", ["from_yuan", "value_yuan"]),
    CatalogueItem: ("true", "规则版本", ["points"]),
}
# The check on kinds holds without triggers too, so the change is to another that fits it.
KIND: dict[tuple[Model, str], str] = {(PointsEntry, "kind"): "'late_earn'"}
LEDGER_COLUMNS = [
    (model, field.column, *ROWS[model])
    for model in ROWS
    for field in model._meta.local_concrete_fields
    if not isinstance(field, models.GeneratedField) and (model, field.column) not in SAYS_NOTHING
]
LATER: dict[Model, tuple[str, str, list[str]]] = {
    Receipt: ("number = 'K1' AND revision = 2", "K1", ["correction_id", "patient_id"]),
    Refund: ("number = 'TK' AND revision = 2", "TK", ["correction_id", "receipt_id"]),
    Correction: ("refund_id IS NOT NULL", "TM", ["refund_id", "points", "reason"]),
    LegacyBalance: ("points = 20000", "档案 N", ["points", "until", "rejected"]),
    LegacyConfirmation: ("decision = 'reject'", "档案 Q", ["imported_in_id"]),
    TierReached: ("restated_by_id IS NOT NULL", "达到级别 ", ["restated_by_id", "points"]),
    PointsEntry: ("kind = 'merge_in'", "merge:", ["cumulative_delta", "reference"]),
    PointsAccount: ("closed", "档案 F", ["closed", "cumulative"]),
}
OTHER_COLUMNS = [
    (model, column, where, named)
    for model, (where, named, columns) in (*ELSEWHERE.items(), *LATER.items())
    for column in columns
]
CHANGED = {
    "int": "coalesce({0}, 0) + 1000",
    "num": "coalesce({0}, 0) + 0.01",
    "tim": "{0} + interval '1 microsecond'",
    "dat": "{0} + 1",
    "boo": "NOT {0}",
    "byt": "CASE {0} WHEN '' THEN '1' ELSE set_byte({0}, 0, (get_byte({0}, 0) + 1) % 256) END",
    "tex": "CASE WHEN {0} = '' THEN '1' ELSE left({0}, -1)"
    " || CASE right({0}, 1) WHEN '1' THEN '2' ELSE '1' END END",
}


@pytest.fixture(autouse=True)
def undone(books: None) -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def change(row: models.Model, column: str) -> None:
    """Another last digit in one column of one row, whatever guards it."""
    model, table, key = type(row), row._meta.db_table, row._meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT left(pg_typeof({column})::text, 20) FROM {table} LIMIT 1")
        kind = cursor.fetchone()[0]
        kind = {"bigint": "int", "smallint": "int", "character varying": "tex"}.get(kind, kind[:3])
        changed = KIND.get((model, column)) or CHANGED[kind].format(column)
        run("SET LOCAL session_replication_role = replica")
        cursor.execute(f"UPDATE {table} SET {column} = {changed} WHERE {key} = {row.pk}")
        assert cursor.rowcount == 1
        run("SET LOCAL session_replication_role = origin")


def found() -> list[str]:
    """What `check_books` prints, without its last line."""
    out = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("check_books", stdout=out)
    *sentences, last = out.getvalue().splitlines()
    assert (stopped.value.code, last) == (1, f"发现 {len(sentences)} 处不符")
    return sentences


@pytest.mark.parametrize(
    ("model", "column", "where", "named"),
    LEDGER_COLUMNS + OTHER_COLUMNS[:: 1 if os.environ.get("PROVE") else 3],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_changed_digit_is_named(model: Model, column: str, where: str, named: str) -> None:
    row = model._default_manager.extra(where=[where]).order_by("pk")[0]
    if model in (TierReached, TierReview):
        named += str(row.pk)
    try:
        with transaction.atomic():
            change(row, column)
    except IntegrityError:
        return  # Constraints hold without triggers, too.
    sentences = found()
    if column != row._meta.pk.column:
        names = (named, f"数据表 {model._meta.db_table} 第 {row.pk} 号记录")
        assert any(name in sentence for name in names for sentence in sentences), sentences


@pytest.mark.parametrize("moment", ["'2020-01-01'", "decided_at + interval '1 hour'"])
def test_a_decision_moved_across_an_entry_is_named(moment: str) -> None:
    run("SET LOCAL session_replication_role = replica")
    run(f"UPDATE points_tierreview SET decided_at = {moment} WHERE decision <> ''")
    run("SET LOCAL session_replication_role = origin")
    assert any("按流水推算" in sentence for sentence in found())


@pytest.mark.parametrize("model", ROWS, ids=lambda model: model.__name__)
def test_a_row_taken_out_is_missed(model: Model) -> None:
    run("SET LOCAL session_replication_role = replica")
    run(f"DELETE FROM {model._meta.db_table} WHERE {ROWS[model][0]}")
    run("SET LOCAL session_replication_role = origin")
    assert found()


def test_the_last_entry_taken_out_is_missed_by_its_account() -> None:
    run("SET LOCAL session_replication_role = replica")
    run("DELETE FROM points_pointsentry WHERE reference = 'receipt:B1#1'")
    run("SET LOCAL session_replication_role = origin")
    sentences = found()
    assert any(sentence.startswith("积分账户 档案 B：") for sentence in sentences)
    assert "收据 B1（第 1 版）：没有记入积分流水" in sentences


@pytest.mark.parametrize(
    ("slipped_in", "said"),
    [
        (
            "INSERT INTO auth_group_permissions (group_id, permission_id) SELECT g.id, p.id FROM"
            " auth_group g, auth_permission p WHERE g.name = '医生' AND p.codename = 'add_receipt'",
            "角色 医生 的权限与发布的权限表不符",
        ),
        ("INSERT INTO auth_group (name) VALUES ('老板')", "角色 老板 不在发布的权限表中"),
    ],
)
def test_a_right_slipped_into_a_role_is_named(slipped_in: str, said: str) -> None:
    run(slipped_in)
    assert found() == [said]


@pytest.mark.parametrize(
    ("weakened", "said"),
    [
        (
            "ALTER TABLE points_pointsentry DISABLE TRIGGER points_entry_append_only",
            "数据表 points_pointsentry 的触发器 points_entry_append_only 被停用",
        ),
        (
            "DROP TRIGGER points_receipt_no_delete ON points_receipt",
            "触发器 points_receipt_no_delete 缺失或与发布的版本不符",
        ),
        (
            "DROP TRIGGER staff_approval_guard ON staff_approval; CREATE TRIGGER"
            " staff_approval_guard BEFORE DELETE ON staff_approval FOR EACH ROW"
            " EXECUTE FUNCTION staff_approval_guard()",
            "触发器 staff_approval_guard 缺失或与发布的版本不符",
        ),
        (
            "CREATE OR REPLACE FUNCTION members_membership_guard() RETURNS trigger"
            " LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
            "数据库函数 members_membership_guard 与发布的版本不符",
        ),
        (
            "ALTER TABLE points_receipt DROP CONSTRAINT receipt_amount_positive",
            "数据表 points_receipt 的约束 receipt_amount_positive 缺失",
        ),
        (
            "ALTER TABLE points_pointsentry DROP CONSTRAINT points_entry_no_gaps",
            "数据表 points_pointsentry 的约束 points_entry_no_gaps 缺失",
        ),
        (
            "ALTER TABLE points_receipt ALTER COLUMN day DROP EXPRESSION",
            "数据表 points_receipt 的 day 不再由数据库计算",
        ),
    ],
    ids=lambda value: value[:50],
)
def test_a_guard_taken_away_or_replaced_is_named(weakened: str, said: str) -> None:
    run(weakened)
    assert said in found()
