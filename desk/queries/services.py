"""A member's service as it is about to be used, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from members.models import Membership, Patient
from members.queries.households import household_of
from rewards.models import Claim, Redemption, Use
from rewards.queries import entitlements_of_member
from rewards.queries.uses import Reception, bearing_doctor, reception
from rewards.rules import Entitlement, Key
from rewards.rules.costs import guests_are_vips
from rewards.rules.teeth import PER_TOOTH
from scheme.models import Item
from scheme.rules import Rules
from staff.models import Doctor

USABLE = ("open", "claimed")


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a member: what it is, from where, what a use of it would cost whom.

    `pieces` are those of the same kind that can be used at once, this one first. `claim` is how it
    was collected, `child` whom it is for, `redemption` what points bought. `bearer` is the doctor
    who bears the cost, None where marketing does; `scanned` the service card one came by.
    """

    membership: Membership
    entitlement: Entitlement
    item: Item
    pieces: tuple[Entitlement, ...]
    claim: Claim | None
    child: Patient | None
    redemption: Redemption | None
    teeth_left: tuple[str, ...]
    bearer: Doctor | None
    rules: Rules
    scanned: str

    @property
    def by_teeth(self) -> bool:
        """Whether it is counted by teeth (颗)."""
        return self.item.unit == PER_TOOTH

    @property
    def needs_card(self) -> bool:
        """Whether the service card must be scanned (R39)."""
        return self.claim is not None and self.claim.code is not None

    @property
    def card_first(self) -> bool:
        """Whether a service card must be collected before."""
        printed = self.rules.service_delivery == "card" and not self.entitlement.is_redeemed
        return self.entitlement.state == "open" and printed

    @property
    def is_usable(self) -> bool:
        """Whether it can be used today."""
        return self.why_not == ""

    @property
    def why_not(self) -> str:
        """Why it can't be used, a Chinese sentence; "" when it can."""
        found = self.entitlement
        if found.state not in USABLE:
            on = f"（{found.taken.on}）" if found.taken else ""
            return found.reason or f"这一项已经使用{on}"
        return "这一项凭服务卡使用，请先领取服务卡" if self.card_first else ""

    @property
    def source(self) -> str:
        """What brings it, in words: 2026年第1次 · 高级会员."""
        found = self.entitlement
        if self.redemption:
            return f"积分兑换 {self.redemption.number}，第 {found.ordinal} {self.item.unit}"
        tier = self.rules.tier(found.tier).name if found.tier else ""
        when = f"{found.period} 年" if found.is_yearly else "一次性"
        return f"{tier} · {when}第 {found.ordinal} 次".lstrip(" ·")


def service_of(
    membership: Membership, key: Key, rules: Rules, *, today: date, scanned: str = ""
) -> Service | None:
    """The member's service with this key; None where nothing brings it, or it is a gift."""
    every = entitlements_of_member(membership.pk, today)
    found = next((each for each in every if each.key == key), None)
    if found is None or found.kind != "service":
        return None
    item = Item.objects.get(code=found.item)
    redemption = _redemption(found)
    return Service(
        membership=membership,
        entitlement=found,
        item=item,
        pieces=_alike(found, every),
        claim=_claim(found),
        child=Patient.objects.get(pk=found.child_id) if found.child_id else None,
        redemption=redemption,
        teeth_left=_teeth_left(redemption),
        bearer=bearing_doctor(membership.patient_id, item, rules),
        rules=rules,
        scanned=scanned,
    )


def key_of_claim(code: str) -> tuple[int, Key] | None:
    """The file and the entitlement that a service card stands for; None for an unknown card."""
    claim = (
        Claim.objects.select_related("membership__patient", "item", "child")
        .filter(code=code)
        .first()
    )
    if claim is None:
        return None
    child = claim.child.root_id if claim.child else None
    key = (claim.item.code, claim.period, claim.ordinal, child)
    return claim.membership.patient.root_id, key


def _alike(found: Entitlement, every: Sequence[Entitlement]) -> tuple[Entitlement, ...]:
    kind = (found.item, found.period, found.child_id, found.state)
    others = (
        each
        for each in every
        if (each.item, each.period, each.child_id, each.state) == kind and each != found
    )
    return (found, *others)


def _claim(found: Entitlement) -> Claim | None:
    if found.state != "claimed" or not found.taken:
        return None
    return Claim.objects.get(pk=found.taken.fact_id)


def _redemption(found: Entitlement) -> Redemption | None:
    if not found.is_redeemed:
        return None
    pk = int(found.period.removeprefix("redemption:"))
    return Redemption.objects.select_related("beneficiary").get(pk=pk)


def _teeth_left(redemption: Redemption | None) -> tuple[str, ...]:
    """The teeth that a redemption was for, without those that were treated."""
    if redemption is None or not redemption.teeth:
        return ()
    done = Use.objects.filter(period=f"redemption:{redemption.pk}", voided=False)
    treated = set(done.values_list("tooth", flat=True))
    return tuple(tooth for tooth in redemption.teeth if tooth not in treated)


def active_doctors() -> list[Doctor]:
    """The doctors who work here, by department."""
    doctors = Doctor.objects.filter(is_active=True).select_related("department")
    return list(doctors.order_by("department__name", "name", "pk"))


def relatives_of(patient_id: int) -> list[Patient]:
    """The others of a member's household, who are given things most often."""
    people = (row.patient.merged_into or row.patient for row in household_of(patient_id).live)
    return [person for person in people if person.pk != patient_id]


def use_with_people(pk: int) -> Use:
    """A use with all that its page names. Raises Use.DoesNotExist."""
    people = ("item", "beneficiary", "membership__patient", "doctor", "settlement", "by")
    return Use.objects.select_related(*people).get(pk=pk)


@dataclass(frozen=True, slots=True)
class Guest:
    """Who uses a service, and how they are received; `patient` None for a file to be opened."""

    patient: Patient | None
    is_own: bool
    received: Reception


def guest_of(service: Service, patient: Patient | None, *, rank: int, today: date) -> Guest:
    """How this person would be received; `rank` is the member's level."""
    member = service.membership
    if patient is None:
        return Guest(None, False, Reception(fee_waived=True, as_vip=guests_are_vips(rank)))
    if patient.pk == member.patient_id or service.child:
        return Guest(patient, patient.pk == member.patient_id, Reception())
    received = reception(donor_id=member.patient_id, guest_id=patient.pk, day=today)
    return Guest(patient, False, received)
