"""What the hospital had before the system: members on paper and points, brought in by files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from openpyxl import Workbook

from desk.demo.people import Person
from desk.demo.staffing import Staff
from desk.imports import KINDS
from members.operations.patients import save_patients
from points.models import LegacyConfirmation
from points.operations.legacy import decide_confirmation
from staff.models import Import, User
from staff.operations.staging import advance, begin_saving, stage
from staff.spreadsheets import open_sheet

# The system before was closed the day before the scheme began (S2:12).
UNTIL = date(2013, 9, 30)
_POINTS = (20_000, 21_360, 24_999, 25_000, 33_180, 20_750, 46_020, 22_415)
_WAITING = 2


@dataclass(frozen=True)
class Archive:
    """Brings in members and points of the time before; some points still wait for a manager."""

    staff: Staff
    random: Random

    def bring_in(self, people: Sequence[Person], now: datetime) -> None:
        """Files, members with their old numbers, and the points of the first few, confirmed."""
        rows = [(person.file_number, person.file()) for person in people]
        save_patients(rows=rows, by=self.staff.front_desk, now=now)
        self._file(Import.Kind.MEMBERS, "老会员.xlsx", [*map(self._member, people)], now)
        confirmed = people[: len(people) // 3]
        self._file(Import.Kind.LEGACY_POINTS, "原积分.xlsx", self._points(confirmed), now)
        for asked in LegacyConfirmation.objects.filter(decision=""):
            decide_confirmation(
                confirmation_id=asked.pk,
                confirm=True,
                sentence="与原系统的清单逐行核对一致",
                by=self.staff.manager,
                now=now + timedelta(hours=3),
            )

    def find_more(self, people: Sequence[Person], now: datetime) -> None:
        """Points that turned up later and wait for confirmation."""
        rows = self._points(people[-_WAITING:])
        self._file(Import.Kind.LEGACY_POINTS, "原积分-补充.xlsx", rows, now)

    def _member(self, person: Person) -> dict[str, object]:
        joined = UNTIL + timedelta(days=self.random.randint(30, 3000))
        return {
            "档案号": person.file_number,
            "会员号": f"K{joined:%Y}{self.random.randint(0, 9999):04d}{person.file_number[-2:]}",
            "入会日期": joined.isoformat(),
            "证件号": person.document_number,
            "电话": person.phone,
            "家庭住址": person.address,
            "是否愿意接受回访": "是",
            "是否愿意接受会员回馈活动的邀请": self.random.choice(("是", "否")),
            "签字日期": joined.isoformat(),
        }

    def _points(self, people: Sequence[Person]) -> list[dict[str, object]]:
        return [
            {
                "档案号": person.file_number,
                "姓名": person.name,
                "积分": _POINTS[place % len(_POINTS)],
                "截止日期": UNTIL.isoformat(),
            }
            for place, person in enumerate(people)
        ]

    def _file(
        self, kind: Import.Kind, name: str, rows: Sequence[Mapping[str, object]], now: datetime
    ) -> None:
        bring_in_file(kind, name, rows, by=self.staff.marketing, now=now)


def bring_in_file(
    kind: Import.Kind, name: str, rows: Sequence[Mapping[str, object]], *, by: User, now: datetime
) -> None:
    """Upload a file as a colleague would, look at the check, let it in."""
    what = KINDS[kind]
    with TemporaryDirectory() as folder:
        path = _workbook(Path(folder) / name, rows)
        batch = stage(
            sheet=open_sheet(path, what.columns), kind=what, file_name=name, by=by, now=now
        )
    while batch.state == Import.State.CHECKING:
        batch = advance(batch_id=batch.pk, kind=what, now=now)
    assert not batch.refused, "invented rows are good ones"
    batch = begin_saving(batch_id=batch.pk, by=by, now=now)
    while batch.state == Import.State.SAVING:
        batch = advance(batch_id=batch.pk, kind=what, now=now)


def _workbook(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(path)
    return path
