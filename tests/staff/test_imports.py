"""The record of an import, attacked behind its operations' backs."""

from collections.abc import Mapping

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from staff.models import Import, ImportChunk
from staff.models.imports import Staged
from staff.operations.imports import tell_growth
from staff.refusals import refusal_for
from tests.factories.staff import checked_import, user

pytestmark = pytest.mark.django_db

BROKEN: tuple[tuple[Mapping[str, object], str], ...] = (
    ({"digest": "x"}, "须有文件的摘要"),
    ({"new": 1}, "不能多于文件的行数"),
    ({"state": "done", "row_count": 1}, "须处理了文件的每一行"),
    ({"finished_at": "2026-01-31T12:00:00+08:00"}, "未结束的没有结束时间"),
    ({"state": "cancelled"}, "未结束的没有结束时间"),
    ({"state": "saving"}, "须记下是谁导入的"),
)


@pytest.mark.parametrize(("values", "sentence"), BROKEN, ids=str)
def test_the_record_holds_together(values: Mapping[str, object], sentence: str) -> None:
    if values.get("state") == "done":
        values = {**values, "finished_at": timezone.now(), "saved_by": user()}
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        checked_import(**values)
    refusal = refusal_for(error.value)
    assert refusal and sentence in refusal.message


def test_a_record_is_never_deleted_nor_changed_after_its_end() -> None:
    by = user()
    ended = checked_import(by=by, state="cancelled", finished_at=timezone.now())
    open_one = checked_import(by=by)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    attacks = (
        ended.delete,
        lambda: Import.objects.filter(pk=ended.pk).update(new=0),
        lambda: Import.objects.filter(pk=open_one.pk).update(digest="1" * 64),
        lambda: Import.objects.filter(pk=open_one.pk).update(by=user()),
        lambda: connection.cursor().execute("TRUNCATE staff_import CASCADE"),
    )
    for attack in attacks:
        with pytest.raises(IntegrityError, match="导入记录不能删除"), transaction.atomic():
            attack()


def test_a_chunk_stands_once_and_is_checked_before_it_is_saved() -> None:
    batch = checked_import()
    text = Staged([]).text()
    ImportChunk.objects.create(batch=batch, number=0, rows=text)
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportChunk.objects.create(batch=batch, number=0, rows=text)
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportChunk.objects.create(batch=batch, number=1, rows=text, saved_at=timezone.now())


def test_the_database_looks_at_growing_tables_again_as_they_double() -> None:
    looked = [rows for rows in range(500, 20_001, 500) if looks_again(rows, before=rows - 500)]
    assert looked == [2_500, 4_500, 8_500, 16_500]


def looks_again(rows: int, *, before: int) -> bool:
    with CaptureQueriesContext(connection) as asked:
        tell_growth(rows, before)
    return [query["sql"] for query in asked.captured_queries] == ["ANALYZE"]
