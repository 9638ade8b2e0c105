"""What the front desk did for members and for those who can join: cards, moves, talks, looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from desk.demo.staffing import Staff
from desk.queries.joining import JoinRow, everybody_who_can_join
from members.models import AccessLog, Card, Membership, Patient
from members.operations.access import record_access
from members.operations.cards import replace_card
from members.operations.changes import change_details
from members.operations.joining import record_talk
from members.queries.changes import record_of, seen_of
from members.rules import RESIDENT_ID
from points.models import TierReached
from points.operations.cards import hand_over_card
from points.queries.joining import WAITING
from scheme.queries import rules_on
from scheme.rules import card_due
from staff.rules import SHANGHAI, business_day

_STILL_DUE = 2
_NEW_ADDRESS = "云南省曲靖市麒麟区翠峰路66号金水苑3栋502室"
# Days ago, the answer, after how many days to ask again, what was said.
_TALKS = (
    (2, "agreed", None, "周末带身份证来办"),
    (33, "later", 30, "在外地，回来再说"),
    (6, "later", 60, "等牙套做完再办"),
    (9, "declined", None, "不愿意留家庭住址"),
    (1, "agreed", None, "已在电话里讲解待遇"),
    (20, "declined", None, "只来看这一次"),
)


@dataclass(frozen=True)
class FrontDesk:
    """Lets the front desk hand over cards, replace one, and ask people to join."""

    staff: Staff
    now: datetime

    @property
    def today(self) -> date:
        return business_day(self.now)

    def work(self) -> None:
        """Cards of those who reached VIP会员 but the last two, one lost, one who moved, talks."""
        given = self._give_cards()
        self._lose(given[0])
        self._move(given[1].membership.patient)
        self._look(given[2].membership.patient, AccessLog.What.PHONE, "通知会员领取会员卡")
        self._look(given[3].membership.patient, AccessLog.What.ADDRESS, "核对邮寄地址")
        # Nobody is asked before the day from which he can join.
        people = everybody_who_can_join(WAITING, today=self.today)
        asked = set[int]()
        for ago, outcome, again, note in _TALKS:
            row = self._asked(people, asked, ago)
            if row is not None:
                asked.add(row.patient.pk)
                self._talk(row, ago, outcome, again, note)

    def _give_cards(self) -> Sequence[Card]:
        rules = rules_on(self.today)
        assert rules
        levels = TierReached.objects.filter(withdrawn_by=None, restated_by=None)
        reached: dict[int, date] = {}
        for member, tier, day in levels.order_by("-reached_on", "-pk").values_list(
            "membership", "tier", "reached_on"
        ):
            if card_due(rules, tier):
                reached[member] = day
        due = sorted(reached, key=lambda member: reached[member])
        return [self._give(member, reached[member]) for member in due[:-_STILL_DUE]]

    def _give(self, membership_id: int, day: date) -> Card:
        card = Card.objects.live().get(membership=membership_id)
        evening = datetime.combine(day, time(17, 40), SHANGHAI)
        at = max(card.made_at, min(evening, self.now))
        return hand_over_card(card_id=card.pk, by=self.staff.cashiers[0], now=at)

    def _lose(self, card: Card) -> None:
        assert card.given_at
        at = max(card.given_at, self.now - timedelta(days=5))
        fresh = replace_card(
            card_id=card.pk,
            reason=Card.StoppedReason.LOST,
            document_shown=RESIDENT_ID,
            by=self.staff.front_desk,
            now=at,
        )
        hand_over_card(card_id=fresh.pk, by=self.staff.front_desk, now=at)

    def _move(self, patient: Patient) -> None:
        membership = Membership.objects.get(patient=patient)
        change_details(
            patient_id=patient.pk,
            given={"address": _NEW_ADDRESS},
            seen=seen_of(record_of(patient, membership)),
            document_shown=patient.document_type,
            note="搬家",
            by=self.staff.front_desk,
            now=self.now - timedelta(days=4),
        )

    def _look(self, patient: Patient, what: AccessLog.What, reason: str) -> None:
        at = self.now - timedelta(days=3)
        record_access(patient=patient, what=[what], reason=reason, by=self.staff.marketing, now=at)

    def _asked(self, people: Sequence[JoinRow], asked: set[int], ago: int) -> JoinRow | None:
        """Somebody who could join already on that day."""
        day = self.today - timedelta(days=ago)
        able = (row for row in people if row.since and row.since <= day)
        return next((row for row in able if row.patient.pk not in asked), None)

    def _talk(self, row: JoinRow, ago: int, outcome: str, again: int | None, note: str) -> None:
        at = self.now - timedelta(days=ago, minutes=20)
        by = self.staff.member_admin
        if row.patient.phone:
            phone = [AccessLog.What.PHONE]
            record_access(patient=row.patient, what=phone, reason="征询入会", by=by, now=at)
        day = business_day(at) + timedelta(days=again) if again else None
        given = {"outcome": outcome, "ask_again_on": day.isoformat() if day else "", "note": note}
        record_talk(patient_id=row.patient.pk, given=given, seen=None, by=by, now=at)
