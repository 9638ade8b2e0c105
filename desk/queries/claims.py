"""Service cards and what can be collected: the form to claim, the page of a card, its print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desk.queries.entitlements import address_of
from members.models import Patient
from members.rules import asked, is_service_card_number
from rewards.models import Claim, Undoing, Use
from rewards.queries import entitlements_of_member
from rewards.queries.claims import claim_numbered, service_card, undoing_of, use_of
from rewards.queries.issuing import items_of
from rewards.rules import Entitlement
from scheme.models import Item


@dataclass(frozen=True, slots=True)
class Wanted:
    """An open service of a level that can be collected, as a line of the form."""

    entitlement: Entitlement
    item: Item
    child: Patient | None

    @property
    def value(self) -> str:
        """How the form names it."""
        return address_of(self.entitlement.key)

    @property
    def words(self) -> str:
        """What it is: 超声波洁牙 1 次（周小宝），有效期至 2026-12-31."""
        child = f"（{self.child.name}）" if self.child else ""
        until = last_day(self.entitlement.expires_on)
        return f"{self.item.name} 1 {self.item.unit}{child}，{until}"


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A claim with what became of it; `patient` is the file that stands for the member."""

    claim: Claim
    patient: Patient
    child: Patient | None
    use: Use | None
    undoing: Undoing | None
    today: date

    @property
    def is_expired(self) -> bool:
        """Whether its last day is over."""
        return self.claim.expires_on is not None and self.claim.expires_on < self.today

    @property
    def is_live(self) -> bool:
        """Whether it can still be used."""
        return not (self.use or self.undoing or self.is_expired)

    @property
    def until(self) -> str:
        """Its last day in words."""
        return last_day(self.claim.expires_on)

    @property
    def address(self) -> str:
        """Which entitlement it stands for, with its number, as the query of an address."""
        claim, child = self.claim, self.child.pk if self.child else None
        key = (claim.item.code, claim.period, claim.ordinal, child)
        return address_of(key, card=claim.code or "")


def last_day(expires_on: date | None) -> str:
    """A last day in words."""
    return f"有效期至 {expires_on}" if expires_on else "长期有效"


def claimable(membership_id: int, *, today: date) -> list[Wanted]:
    """The open services of levels, which a member can collect before they are used."""
    found = [each for each in entitlements_of_member(membership_id, today) if _is_claimable(each)]
    items = items_of({each.item for each in found})
    children = Patient.objects.in_bulk([each.child_id for each in found if each.child_id])
    return [
        Wanted(each, items[each.item], children[each.child_id] if each.child_id else None)
        for each in found
    ]


def service_card_page(pk: int, *, today: date) -> ServiceCard:
    """A claim, live or not. Raises Claim.DoesNotExist."""
    claim = claim_numbered(pk)
    return _page(claim, today)


def cards_to_print(page: ServiceCard) -> Sequence[ServiceCard]:
    """The live cards that the member collected together with this one, in the same moment."""
    claim = page.claim
    together = Claim.objects.filter(membership=claim.membership_id, claimed_at=claim.claimed_at)
    cards = together.exclude(code=None).order_by("pk").values_list("pk", flat=True)
    pages = (service_card_page(pk, today=page.today) for pk in cards)
    return [each for each in pages if each.is_live]


def _is_claimable(each: Entitlement) -> bool:
    return each.kind == "service" and each.state == "open" and not each.is_redeemed


def _page(claim: Claim, today: date) -> ServiceCard:
    file, child = claim.membership.patient, claim.child
    return ServiceCard(
        claim=claim,
        patient=file.merged_into or file,
        child=(child.merged_into or child) if child else None,
        use=use_of(claim),
        undoing=undoing_of(claim),
        today=today,
    )


def scanned_card(typed: str, *, today: date) -> ServiceCard | None:
    """The service card whose number was typed or scanned, also one that was stopped or used."""
    number = asked(typed).number
    claim = service_card(number) if is_service_card_number(number) else None
    return _page(claim, today) if claim else None
