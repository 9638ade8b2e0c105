"""One import driven from several windows, and two imports at once, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from points.models import PointsEntry, Receipt
from points.operations.imports import PAYMENTS
from staff.exceptions import Refusal
from staff.models import Import
from staff.operations import staging
from staff.operations.imports import ONE_IMPORT
from staff.spreadsheets import open_sheet
from tests.factories.scheme import published
from tests.factories.spreadsheets import csv_file
from tests.factories.staff import user

pytestmark = pytest.mark.usefixtures("committing")

ROWS = 40
TEXT = "收据号,档案号,金额,收费时间,姓名\n" + "".join(
    f"R{n},P{n % 5},10,2024-03-05,张三\n" for n in range(ROWS)
)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Import:
    """A file that waits to be saved, in chunks of two rows."""
    monkeypatch.setattr(staging, "CHUNK", 2)
    published()
    now, by = timezone.now(), user()
    sheet = open_sheet(csv_file(tmp_path, TEXT), PAYMENTS.columns)
    batch = staging.stage(sheet=sheet, kind=PAYMENTS, file_name="a.csv", by=by, now=now)
    while batch.state == Import.State.CHECKING:
        batch = staging.advance(batch_id=batch.pk, kind=PAYMENTS, now=now)
    return staging.begin_saving(batch_id=batch.pk, by=by, now=now)


def drive(pk: int) -> int:
    """Step on until nothing is left; how often another window was in the middle of a step."""
    waited = 0
    try:
        while Import.objects.get(pk=pk).state == Import.State.SAVING:
            try:
                staging.advance(batch_id=pk, kind=PAYMENTS, now=timezone.now())
            except Refusal as refusal:
                assert refusal.code == "import_running"
                waited += 1
    finally:
        connection.close()
    return waited


def test_several_windows_save_each_row_once(checked: Import) -> None:
    with ThreadPoolExecutor(4) as windows:
        list(windows.map(drive, [checked.pk] * 4))
    done = Import.objects.get(pk=checked.pk)
    assert (done.state, done.new, int(done.total)) == ("done", ROWS, 10 * ROWS)
    assert Receipt.objects.filter(imported_in=done).count() == ROWS
    assert PointsEntry.objects.count() == ROWS


def test_no_step_is_saved_while_another_import_holds_the_lock(checked: Import) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_IMPORT])
        with pytest.raises(Refusal, match="另一个导入正在进行"):
            staging.advance(batch_id=checked.pk, kind=PAYMENTS, now=timezone.now())
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_IMPORT])
    finally:
        other.close()
    assert not Receipt.objects.exists()
    assert staging.advance(batch_id=checked.pk, kind=PAYMENTS, now=timezone.now()).new == 2
