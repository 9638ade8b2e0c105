"""The people whom years of a hospital happen to, and what its colleagues do at the desk."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine

from members.models import Membership
from members.operations.households import add_person
from points.operations.enrolment import enrol
from points.operations.receipts import record_receipt
from points.rules import NewReceipt
from rewards.models import Issue, Use
from rewards.operations.uses import NewUse, Piece, use_services
from rewards.queries import entitlements_of_member
from rewards.rules import Entitlement, Key
from rewards.rules.proof import Proof
from scheme.models import Item
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import enrolment
from tests.factories.rewards import doctor
from tests.factories.staff import user
from tests.rewards.ground import in_order
from tests.rewards.sheet import Line, Sheet

ON_PAPER = Proof(slip_number="P0001")
MORNING = datetime(2023, 3, 1, 1, 0, tzinfo=UTC)


class Household(RuleBasedStateMachine):
    """Two members of one household with a child, and a guest; the clerk's sheets beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.by, self.manager, self.now = User.objects.system(), user("总经理"), MORNING
        self.doctor, self.guest = doctor(), patient()
        Item.objects.update(list_price=300)
        self.sheets, self.numbers = (Sheet(), Sheet()), 0
        self.child_years: set[int] = set()
        self.taken: list[tuple[int, Line, Issue | Use]] = []
        files = [patient(), patient()]
        self.members: list[Membership] = []
        for who, file in enumerate(files):
            self.pay(who, file.file_number, 1000)
            joined = enrol(
                file_number=file.file_number,
                given=enrolment(signed_on=business_day(self.now).isoformat()),
                by=self.by,
                now=self.now,
            )
            self.members.append(joined.membership)
        self.child = patient(birth_date="2019-05-05")
        for person, small in ((self.child, True), (files[1], False)):
            add_person(
                membership=self.members[0],
                patient=person,
                is_child=small,
                relation="子女" if small else "配偶",
                document_seen="birth_certificate" if small else "marriage_certificate",
                by=self.by,
                now=self.now,
            )

    def teardown(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            in_order()
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    @property
    def day(self) -> date:
        return business_day(self.now)

    def pay(self, who: int, file_number: str, yuan: int) -> None:
        self.numbers += 1
        self.now += timedelta(seconds=1)
        number = f"S{id(self)}-{self.numbers}"
        new = NewReceipt(number, file_number, Decimal(yuan), paid_at=self.now)
        record_receipt(new=new, by=self.by, now=self.now)
        self.sheets[who].pay(number, yuan, self.day.toordinal())

    def had(self, who: int) -> tuple[Entitlement, ...]:
        return entitlements_of_member(self.members[who].pk, self.day)

    def key(self, who: int, line: Line) -> Key:
        """A piece of the line that can be taken; the first piece where there is none."""
        some = [each for each in self.had(who) if (each.item, each.period) == line]
        ready = [each.key for each in some if each.state in ("open", "claimed")]
        return ready[0] if ready else (*line, 1, None)

    def done(
        self, expected: bool, act: Callable[[], list[Issue] | list[Use]]
    ) -> Issue | Use | None:
        self.now += timedelta(seconds=1)
        if expected:
            return act()[0]
        with pytest.raises(Refusal), transaction.atomic():
            act()
        return None

    def used(self, who: int, key: Key, expected: bool, away: bool = False) -> Issue | Use | None:
        whom = self.guest if away else self.members[who].patient
        return self.done(
            expected,
            lambda: use_services(
                membership=self.members[who],
                beneficiary=self.child if key[3] else whom,
                new=NewUse([Piece(key)], doctor=self.doctor, proof=ON_PAPER),
                by=self.by,
                now=self.now,
            ),
        )

    def ticked(self, who: int, line: Line, done: Issue | Use | None) -> None:
        if done:
            self.sheets[who].tick(line)
            self.taken.append((who, line, done))
