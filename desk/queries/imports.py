from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from desk.imports import KINDS, LEADS
from points.models import LegacyConfirmation
from staff.models import Import, User
from staff.operations.file_kinds import FileKind
from staff.queries import RefusedRow, earlier_import, refused_rows
from staff.spreadsheets import explanation

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column of a kind of file, explained."""

    heading: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class KindPage:
    """A kind of file, as one chooses it and fills it in."""

    kind: str
    name: str
    lead: str
    columns: Sequence[ColumnLine]


def kinds_for(user: User) -> list[KindPage]:
    """The kinds of files that this user may import."""
    return [kind_page(kind) for kind in KINDS.values() if may_import(user, kind)]


def may_import(user: User, kind: FileKind) -> bool:
    """Whether this user may import files of this kind."""
    return user.has_perms(["staff.add_import", f"staff.import_{kind.kind}"])


def kind_page(kind: FileKind) -> KindPage:
    """What one needs to know to fill in such a file."""
    lines = [
        ColumnLine(column.heading, column.required, explanation(column)) for column in kind.columns
    ]
    return KindPage(kind.kind.value, str(kind.kind.label), LEADS[kind.kind], lines)


@dataclass(frozen=True, slots=True)
class WrongRow:
    """A refused row as the screen shows it: whose it is, but no phone or document number."""

    number: int
    file_number: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """An import with what one may do next; `wrong` are the first refused rows.

    `rows_kept` says whether refused rows can be downloaded; `earlier` is when exactly this file
    went in before; `confirmation` is the second person's word on its legacy points, if asked for.
    """

    batch: Import
    unit: str
    may_drive: bool
    wrong: Sequence[WrongRow]
    earlier: Import | None
    confirmation: LegacyConfirmation | None

    @property
    def good(self) -> int:
        """Rows that can be saved."""
        return self.batch.row_count - self.batch.refused

    @property
    def percent(self) -> int:
        """How much of the phase at hand is done."""
        return 100 * self.batch.handled // max(self.batch.row_count, 1)

    @property
    def is_working(self) -> bool:
        """Whether steps are left that a page drives."""
        busy = self.batch.state in (Import.State.CHECKING, Import.State.SAVING)
        return busy and self.batch.is_staged

    @property
    def rows_kept(self) -> bool:
        """Whether the refused rows can still be downloaded."""
        return self.may_drive and bool(self.wrong)

    @property
    def wrong_left(self) -> int:
        """Refused rows beyond those shown."""
        return self.batch.refused - len(self.wrong)


def import_page(batch: Import, user: User) -> ImportPage:
    """An import as this user may see it: rows only for whoever may import its kind."""
    kind = KINDS[batch.kind]
    mine = may_import(user, kind)
    settled = mine and batch.state not in (Import.State.CHECKING, Import.State.SAVING)
    wrong = islice(refused_rows(batch, kind.columns), _SHOWN) if settled else ()
    return ImportPage(
        batch=batch,
        unit=kind.unit,
        may_drive=mine,
        wrong=[_wrong(found) for found in wrong],
        earlier=earlier_import(batch),
        confirmation=LegacyConfirmation.objects.filter(imported_in=batch).first(),
    )


def _wrong(found: RefusedRow) -> WrongRow:
    said = found.row.given
    whose = said.get("file_number", "")[:64], said.get("name", "")[:50]
    return WrongRow(found.row.number, *whose, found.reason)
