"""What the desks did today with gifts, services and points: one of each kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from desk.demo.people import ADULT, Inventor
from desk.demo.staffing import Staff
from desk.operations import add_new_person, give_service
from members.models import Card, HouseholdPerson, Membership
from points.models import PointsAccount, TierReached, TierReview
from rewards.models import Redemption, Undoing, Use
from rewards.operations.claims import claim_services
from rewards.operations.gift_changes import request_change
from rewards.operations.issuing import issue_gifts
from rewards.operations.putting_off import put_off
from rewards.operations.redemption import cancel, redeem
from rewards.operations.settling import settle
from rewards.operations.undoing import undo
from rewards.operations.uses import NewUse, Piece, use_services
from rewards.queries import entitlements_of_member
from rewards.rules import Key
from rewards.rules.proof import Proof
from rewards.rules.redemption import NewRedemption, Shown
from scheme.queries import rules_on
from scheme.rules import TIER_CODES
from staff.models import Doctor
from staff.rules import SHANGHAI, business_day

# Files opened at the desk: a guest and two children.
OPENED_FILES = 3
_DAYS_A_MEMBER = 3
_LATER = ("下次带家人来一起领", "赶时间，复诊时再领")
_SEALANTS, _VARNISH, _GIFT = ("fissure_sealant", 2), ("fluoride_varnish", 1), ("gift_10", 1)


@dataclass
class RewardsDesk:
    """Lets the desks hand over, put off, give away, settle and redeem; members are told once.

    `told` are the members of whom something was told.
    """

    staff: Staff
    inventor: Inventor
    now: datetime
    told: set[int] = field(default_factory=set)
    by_level: dict[str, list[Membership]] = field(default_factory=dict)
    slips: int = 0

    @property
    def today(self) -> date:
        return business_day(self.now)

    def choose(self) -> None:
        """Members of the higher levels whose day at the desk is told, by level."""
        new = self.today - timedelta(days=_DAYS_A_MEMBER)
        reviewed = TierReview.objects.waiting().values("membership")
        self.by_level = {code: [] for code in TIER_CODES}
        held = TierReached.objects.filter(
            withdrawn_by=None, restated_by=None, membership__patient__merged_into=None
        ).exclude(membership__in=reviewed)
        top: dict[int, tuple[str, date, str]] = {}
        for row in held.order_by("rank", "pk"):
            top[row.membership_id] = (row.tier, row.reached_on, row.path)
        members = Membership.objects.select_related("patient").in_bulk(list(top))
        for pk, (tier, since, path) in sorted(top.items()):
            if since <= new and path in ("one_time", "cumulative"):
                self.by_level[tier].append(members[pk])
        for level in ("senior", "vip", "diamond"):
            self.told |= {member.pk for member in self.by_level[level][:6]}

    def work(self) -> None:
        """Gifts of high members first, then services, a family, a guest, what points buy."""
        senior, vip = iter(self.by_level["senior"][:6]), iter(self.by_level["vip"][:6])
        self._gifts(senior)
        self._services(vip)
        for member in self._by_points(self.by_level["diamond"][:6])[:1]:
            self._family(member)
        for member in self._by_points(self.by_level["vip"][6:] + self.by_level["senior"][6:])[:2]:
            self._points(member)

    def _gifts(self, members: Iterator[Membership]) -> None:
        """One handed over, one by mistake, two put off, one exchanged for another."""
        cashier = self.staff.cashiers[0]
        for place, member in enumerate(members):
            gifts = self._open(member, "gift")
            if not gifts:
                continue
            at = self._at(90 - 10 * place)
            if place < 2:
                issued = issue_gifts(
                    membership=member, keys=gifts, proof=self._slip(), by=cashier, now=at
                )
                if place == 1:
                    kind, reason = Undoing.Kind.MISTAKE, "刷错了会员，礼品已放回柜台"
                    undo(kind=kind, reason=reason, by=cashier, now=self.now, issue=issued[0])
            elif place < 4:
                reason = _LATER[place - 2]
                put_off(membership=member, keys=gifts, reason=reason, by=cashier, now=at)
            elif place == 4:
                request_change(
                    membership=member,
                    key=next(key for key in gifts if key[0] != _GIFT[0]),
                    other=_GIFT[0],
                    reason="50元礼品里的漱口水过敏，想换牙刷套装",
                    by=cashier,
                    now=at,
                )

    def _services(self, members: Iterator[Membership]) -> None:
        """One used and settled, one given to a new patient, one only noted as collected."""
        tells = [self._scaled, self._given_away, self._noted]
        for member in members:
            services = self._open(member, "service")
            if services and tells:
                tells.pop(0)(member, services)

    def _scaled(self, member: Membership, services: Sequence[Key]) -> None:
        use = self._use(member, services[0], "D1501", minutes=80)
        cashier = self.staff.cashiers[0]
        settle(patient=member.patient, use_ids=[use.pk], by=cashier, now=self._at(70))

    def _given_away(self, member: Membership, services: Sequence[Key]) -> None:
        guest = self.inventor.invent(ADULT)
        given = {"name": guest.name, "sex": guest.sex, "phone": guest.phone}
        give_service(
            membership=member,
            file_number=guest.file_number,
            given=given,
            new=self._new_use([Piece(services[-1])], "D1701"),
            by=self.staff.front_desk,
            now=self._at(40),
        )

    def _noted(self, member: Membership, services: Sequence[Key]) -> None:
        claim_services(
            membership=member,
            keys=services[:1],
            proof=self._slip(),
            by=self.staff.front_desk,
            now=self._at(35),
        )

    def _family(self, member: Membership) -> None:
        """Two children; one has used what the level brings for her, and two sealants are bought."""
        girl = self._child(member, "小满", "female", 7)
        self._child(member, "子安", "male", 10)
        for key in self._open(member, "service"):
            if key[3] == girl.patient_id:
                self._use(member, key, "D1601", minutes=25, beneficiary=girl)
        if self._available(member) >= 2 * self._price(_SEALANTS[0]):
            self._buy(member, _SEALANTS, teeth=("36", "46"), child=girl.patient.file_number)

    def _child(self, member: Membership, given: str, sex: str, years: int) -> HouseholdPerson:
        parent = member.patient
        born = self.today.replace(year=self.today.year - years, day=1) - timedelta(days=40)
        return add_new_person(
            membership=member,
            file_number=f"{parent.file_number}-{years}",
            given={
                "name": parent.name[0] + given,
                "sex": sex,
                "birth_date": born.isoformat(),
                "phone": parent.phone,
            },
            is_child=True,
            relation="女儿" if sex == "female" else "儿子",
            document_seen="household_register",
            by=self.staff.front_desk,
            now=self._at(60),
        )

    def _points(self, member: Membership) -> None:
        """A gift bought and taken along; something bought and taken back."""
        if self._available(member) >= self._price(_GIFT[0]) + self._price(_VARNISH[0]):
            gift = self._buy(member, _GIFT)
            issue_gifts(
                membership=member,
                keys=[(gift.item.code, f"redemption:{gift.pk}", 1, None)],
                proof=self._slip(),
                by=self.staff.front_desk,
                now=self._at(20),
            )
            cancel(
                number=self._buy(member, _VARNISH).number,
                reason="孩子临时不来了",
                by=self.staff.front_desk,
                now=self._at(5),
            )

    def _buy(
        self,
        member: Membership,
        what: tuple[str, int],
        *,
        teeth: tuple[str, ...] = (),
        child: str = "",
    ) -> Redemption:
        item, quantity = what
        card = Card.objects.live().get(membership=member)
        bought = redeem(
            new=NewRedemption(member.number, item, quantity, teeth, child),
            shown=Shown("card", card.number),
            by=self.staff.front_desk,
            now=self._at(20),
        )
        return bought.redemption

    def _use(
        self,
        member: Membership,
        key: Key,
        doctor: str,
        *,
        minutes: int,
        beneficiary: HouseholdPerson | None = None,
    ) -> Use:
        (use,) = use_services(
            membership=member,
            beneficiary=beneficiary.patient if beneficiary else member.patient,
            new=self._new_use([Piece(key)], doctor),
            by=self.staff.front_desk,
            now=self._at(minutes),
        )
        return use

    def _new_use(self, pieces: Sequence[Piece], doctor: str) -> NewUse:
        found = Doctor.objects.get(staff_number=doctor)
        return NewUse(pieces=pieces, doctor=found, proof=self._slip())

    def _open(self, member: Membership, kind: str) -> list[Key]:
        """What the member has, of what the levels brought; yearly things first."""
        found = [
            each
            for each in entitlements_of_member(member.pk, self.today)
            if each.kind == kind and each.state == "open" and not each.is_redeemed
        ]
        return [each.key for each in sorted(found, key=lambda each: not each.is_yearly)]

    def _by_points(self, members: Sequence[Membership]) -> list[Membership]:
        """Who can spend most first."""
        return sorted(members, key=lambda member: -self._available(member))

    def _available(self, member: Membership) -> int:
        account = PointsAccount.objects.filter(patient=member.patient_id).first()
        return account.available if account else 0

    def _price(self, code: str) -> int:
        rules = rules_on(self.today)
        assert rules
        return next(line.points for line in rules.catalogue if line.item == code)

    def _slip(self) -> Proof:
        self.slips += 1
        return Proof(slip_number=f"PZ{self.today:%y%m}{self.slips:03d}")

    def _at(self, minutes: int) -> datetime:
        """So many minutes ago, but today."""
        begins = datetime.combine(self.today, time(0), SHANGHAI)
        return max(begins, self.now - timedelta(minutes=minutes))
