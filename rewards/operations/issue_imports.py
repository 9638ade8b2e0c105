"""What was handed over and used before the system closes what is due (R38, R51)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from django.db.models import Q

from members.exceptions import unknown_patient
from members.models import Membership, Patient
from points.operations.levels import lock_accounts
from rewards.models import Issue, Use
from rewards.operations.entitled import counted_household
from rewards.queries.facts import members as facts_of
from rewards.queries.facts import versions
from rewards.rules import Entitlement, Member, Taken, Taking, Version, entitlements
from scheme.models import Item
from staff import rules as values
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.operations.file_kinds import FileKind
from staff.refusals import operation
from staff.rules import NEW, SAME, SHANGHAI, business_day
from staff.spreadsheets import Column, Row, cells

ISSUE_COLUMNS = (
    Column("档案号", "file_number", required=True, note="会员的档案号", example="00001"),
    Column(
        "礼品或项目",
        "item",
        required=True,
        note="会员规则页上的名称，或代码",
        example="口腔保健礼品（50元）",
    ),
    Column("领取日期", "day", required=True, note="领取或使用的日期", example="2025-05-20"),
    Column("凭证号", "slip_number", note="纸质领取单的号码", example="LQ0001"),
)
_CLOSED: Collection[str] = ("open", "held")


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the file, read but not yet judged."""

    file_number: str
    item: str
    day: date
    slip_number: str


@operation
def import_issues(
    *, rows: Sequence[Row], by: User, now: datetime, batch: Import
) -> list[str | Refusal]:
    """Close what members had open on the days of the rows: whether each was new or the same.

    A gift closes the one that the level brought; a service the next one of that year, else one
    that comes once. Some statements for any number of rows.
    """
    parsed = [_parsed(row, now) for row in rows]
    lines = [row for row in parsed if isinstance(row, _Line)]
    book = _Book.of(lines, by=by, now=now, batch=batch)
    results = [row if isinstance(row, Refusal) else book.judge(row) for row in parsed]
    Issue.objects.bulk_create(book.issues)
    Use.objects.bulk_create(book.uses)
    return results


def _parsed(row: Row, now: datetime) -> _Line | Refusal:
    said = row.fields()
    try:
        number = cells.identifier(said.get("file_number"), field="file_number", label="档案号")
        item = values.text(said.get("item"), field="item", label="礼品或项目", longest=60)
        day = values.day(cells.day_text(said.get("day", "")), field="day", label="领取日期")
        if day > business_day(now):
            raise Refusal("in_future", 422, "领取日期不能晚于今天", "day")
        slip = ""
        if "slip_number" in said:
            slip = cells.identifier(said["slip_number"], field="slip_number", label="凭证号")
    except Refusal as refusal:
        return refusal
    return _Line(number, item, day, slip)


@dataclass(slots=True)
class _Book:
    """The members of some rows with what they took, as it is after the rows so far."""

    by: User
    now: datetime
    batch: Import
    files: Mapping[str, Patient]
    memberships: Mapping[int, Membership]
    items: Mapping[str, Item]
    members: dict[int, Member]
    versions: Sequence[Version]
    known: set[tuple[int, int, date, str]]
    issues: list[Issue] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Sequence[_Line], *, by: User, now: datetime, batch: Import) -> "_Book":
        """What is known of the members that the rows name, whose accounts are locked."""
        numbers = {line.file_number for line in lines}
        files = {file.file_number: file for file in Patient.objects.filter(file_number__in=numbers)}
        roots = {file.root_id for file in files.values()}
        lock_accounts(roots)
        found = Membership.objects.filter(patient__in=roots).select_related("patient")
        memberships = {membership.patient_id: membership for membership in found}
        keys = [membership.pk for membership in memberships.values()]
        return cls(
            by=by,
            now=now,
            batch=batch,
            files=files,
            memberships=memberships,
            items=_items(),
            members=facts_of(keys),
            versions=versions(),
            known=set(_known(keys)),
        )

    def judge(self, line: _Line) -> str | Refusal:
        """Whether the row is new or the same; a new one is put down."""
        try:
            membership, item = self._membership(line), self._item(line)
            seen = (membership.pk, item.pk, line.day, line.slip_number)
            if seen in self.known:
                return SAME
            found = self._closed(membership, item, line)
        except Refusal as refusal:
            return refusal
        self.known.add(seen)
        self._put_down(membership, item, found, line)
        return NEW

    def _membership(self, line: _Line) -> Membership:
        file = self.files.get(line.file_number)
        if file is None:
            raise unknown_patient(line.file_number)
        if file.root_id not in self.memberships:
            message = f"{line.file_number} 的病人还不是会员，请先导入会员或办理入会"
            raise Refusal("not_a_member", 409, message, "file_number")
        return self.memberships[file.root_id]

    def _item(self, line: _Line) -> Item:
        if line.item not in self.items:
            message = f"没有“{line.item}”这种礼品或项目，请照会员规则页上的名称填写"
            raise Refusal("unknown_item", 422, message, "item")
        return self.items[line.item]

    def _closed(self, membership: Membership, item: Item, line: _Line) -> Entitlement:
        """What the row closes: what was open on the day, else what a level of later brings.

        The hospital may have known the level on paper before it was reached in the system.
        """
        member = self.members[membership.pk]
        brought = self._had(replace(member, taken=()), item, line.day, as_of=line.day)
        as_of = line.day if brought else business_day(self.now)
        current = self._had(member, item, line.day, as_of=as_of)
        still = [each for each in current if each.state in _CLOSED]
        if not still:
            raise _nothing_left(current, item, line.day)
        if len({each.child_id for each in still}) > 1:
            message = "家庭中有几名儿童，请在病人页为使用的那一名登记"
            raise Refusal("which_child", 409, message, "item")
        return min(still, key=lambda each: (not each.is_yearly, each.period, each.ordinal))

    def _had(self, member: Member, item: Item, day: date, *, as_of: date) -> list[Entitlement]:
        """What comes once, or in the year of `day`, of this item, as seen on a day."""
        found = entitlements(member, self.versions, as_of)
        periods = (str(day.year), "once")
        return [
            each
            for each in found
            if each.item == item.code and each.period.partition(":")[0] in periods
        ]

    def _put_down(
        self, membership: Membership, item: Item, found: Entitlement, line: _Line
    ) -> None:
        at = min(datetime.combine(line.day, time(12), SHANGHAI), self.now)
        key = {
            "membership": membership,
            "item": item,
            "period": found.period,
            "ordinal": found.ordinal,
            "slip_number": line.slip_number,
            "by": self.by,
            "imported_in": self.batch,
        }
        if item.kind == "gift":
            self.issues.append(Issue(**key, given_item=item, issued_at=at))
        else:
            self.uses.append(self._use(key, found, at))
        self._remember(membership.pk, found, line.day)

    def _use(self, key: Mapping[str, object], found: Entitlement, at: datetime) -> Use:
        """Nobody knows any more which doctor it was and what it cost."""
        membership = key["membership"]
        assert isinstance(membership, Membership)
        day = business_day(at)
        in_force = [version for version in self.versions if version.since <= day]
        version = in_force[-1] if in_force else self.versions[0]
        return Use(
            **key,
            child_id=found.child_id,
            household_id=counted_household(found),
            scheme_id=version.rules.stored_id,
            kind=Use.Kind.CHILD if found.child_id else Use.Kind.OWN,
            beneficiary_id=found.child_id or membership.patient_id,
            bearer=Use.Bearer.MARKETING,
            fee_waived=False,
            as_vip=False,
            used_at=at,
        )

    def _remember(self, membership_id: int, found: Entitlement, day: date) -> None:
        """Later rows find it taken."""
        member = self.members[membership_id]
        taking: Taking = "issued" if found.kind == "gift" else "used"
        row = Taken(found.item, found.period, found.ordinal, found.child_id, taking, day, 0)
        self.members[membership_id] = replace(member, taken=[*member.taken, row])


def _items() -> dict[str, Item]:
    """Items by code and by name."""
    found = list(Item.objects.order_by("-pk"))
    return {item.name: item for item in found} | {item.code: item for item in found}


def _known(memberships: Collection[int]) -> Iterator[tuple[int, int, date, str]]:
    """What is on record of these members and of files merged into theirs: item, day, slip."""
    of_them = Q(membership__in=memberships) | Q(
        membership__patient__merged_into__membership__in=memberships
    )
    for model, at in ((Issue, "issued_at"), (Use, "used_at")):
        rows = model._default_manager.filter(of_them, voided=False)
        for own, root, item, moment, slip in rows.values_list(
            "membership", "membership__patient__merged_into__membership", "item", at, "slip_number"
        ):
            yield root or own, item, business_day(moment), slip


def _nothing_left(had: Sequence[Entitlement], item: Item, day: date) -> Refusal:
    """Why the row can't be: never brought, lapsed before, or taken already."""
    if not had:
        message = f"该会员在 {day} 没有“{item.name}”，请核对级别、项目和领取日期"
        return Refusal("no_such_entitlement", 409, message, "item")
    if lapsed := [each for each in had if each.state == "lapsed"]:
        message = f"“{item.name}”已于 {lapsed[-1].expires_on} 到期，请核对领取日期"
        return Refusal("entitlement_lapsed", 409, message, "day")
    message = f"“{item.name}”在 {day} 可领的都已登记，请核对是否重复"
    return Refusal("entitlement_taken", 409, message, "item")


ISSUES = FileKind(
    kind=Import.Kind.ISSUES,
    columns=ISSUE_COLUMNS,
    save=import_issues,
    keys=["file_number"],
)
