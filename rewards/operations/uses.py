"""Using a service up: by the member, by a child of the household, by whom it was given (R18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from members.models import Membership, Patient
from rewards.exceptions import no_rules
from rewards.models import Claim, Use
from rewards.operations.entitled import counted_household, locked_entitlements
from rewards.operations.proof import Proven, keep_proof
from rewards.queries.uses import Reception, bearing_doctor, reception
from rewards.rules import Entitlement, Key
from rewards.rules.costs import cost_of
from rewards.rules.proof import Proof, proof_from
from rewards.rules.teeth import PER_TOOTH, teeth_from
from scheme.models import Item
from scheme.queries import rules_on
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import Doctor, User
from staff.refusals import operation
from staff.rules import business_day


@dataclass(frozen=True, slots=True)
class Piece:
    """One entitlement that is used up, and the tooth (FDI) where the item counts teeth."""

    key: Key
    tooth: str = ""


@dataclass(frozen=True, slots=True)
class NewUse:
    """A service used: which pieces of one item, with which doctor, what proves it.

    `list_price` in yuan only for an item that the price list does not name. `card_code` is the
    number of the service card that was scanned, "" without one.
    """

    pieces: Sequence[Piece]
    doctor: Doctor
    list_price: Decimal | None = None
    proof: Proof | None = None
    card_code: str = ""


@operation
def use_services(
    *, membership: Membership, beneficiary: Patient, new: NewUse, by: User, now: datetime
) -> list[Use]:
    """Record that a member's service was used: quota, donor, beneficiary, doctor, cost (R52).

    All pieces or none; whoever is not the member is a guest, or the child whom the item is for.
    Raises Refusal 409 where one is taken, lapsed, held or waits for its card,
    422 naming the field for a wrong person, doctor, tooth, price or proof.
    """
    found = _available(membership, new, now)
    rules = rules_on(business_day(now))
    if rules is None:
        raise no_rules()
    claims = [_claim_of(each, new.card_code, rules) for each in found]
    item = Item.objects.get(code=found[0].item)
    _check_teeth(item, found[0], new.pieces)
    shared = {
        **_who(membership, beneficiary, found[0], now),
        **_with(new.doctor),
        **_price(membership, item, new, rules),
        **_proven(membership, new, claims, by, now),
        "item": item,
        "scheme_id": rules.stored_id,
        "by": by,
        "used_at": now,
    }
    return Use.objects.bulk_create(
        Use(**shared | _place(each, claim, membership), tooth=piece.tooth)
        for each, claim, piece in zip(found, claims, new.pieces, strict=True)
    )


def _available(membership: Membership, new: NewUse, now: datetime) -> list[Entitlement]:
    """The entitlements of all pieces, of one item and for one person, held until the end."""
    kinds = {(item, period, child) for item, period, _, child in (row.key for row in new.pieces)}
    if len(kinds) != 1:
        raise Refusal("one_item_at_a_time", 422, "请选择要使用的项目，一次一种", "item")
    keys = [piece.key for piece in new.pieces]
    return locked_entitlements(
        membership=membership, keys=keys, states=("open", "claimed"), now=now
    )


def _claim_of(found: Entitlement, card_code: str, rules: Rules) -> Claim | None:
    """What was collected before, with the card that was scanned where it is on one (R39)."""
    if found.state == "open":
        if rules.service_delivery == "card" and not found.is_redeemed:
            message = "这一项凭服务卡使用，请先领取服务卡"
            raise Refusal("card_first", 409, message, "item")
        if card_code:
            raise Refusal("another_card", 422, "这张服务卡不是这一项的，请核对", "card_code")
        return None
    assert found.taken
    claim = Claim.objects.get(pk=found.taken.fact_id)
    if claim.code and not card_code:
        message = "这一项已领取服务卡，请扫服务卡；卡遗失请先挂失"
        raise Refusal("card_missing", 422, message, "card_code")
    if card_code and claim.code != card_code:
        raise Refusal("another_card", 422, "这张服务卡不是这一项的，请核对", "card_code")
    return claim


def _who(
    membership: Membership, beneficiary: Patient, found: Entitlement, now: datetime
) -> dict[str, Any]:
    """Who used it, and how a guest is received (R18, R35)."""
    person = beneficiary.root_id
    if found.child_id is not None and found.child_id != person:
        message = "儿童项目只能由登记的儿童本人使用，不能转赠"
        raise Refusal("use_by_right_person", 422, message, "beneficiary")
    kind, received = Use.Kind.TRANSFER, Reception()
    if found.child_id is not None:
        kind = Use.Kind.CHILD
    elif person == membership.patient_id:
        kind = Use.Kind.OWN
    else:
        received = reception(donor_id=membership.patient_id, guest_id=person, day=business_day(now))
    return {
        "kind": kind,
        "beneficiary_id": person,
        "fee_waived": received.fee_waived,
        "as_vip": received.as_vip,
    }


def _with(doctor: Doctor) -> dict[str, Any]:
    if not doctor.is_active:
        raise Refusal("doctor_left", 422, f"{doctor.name}已不在职，请选择另一位医生", "doctor")
    return {"doctor": doctor}


def _price(membership: Membership, item: Item, new: NewUse, rules: Rules) -> dict[str, Any]:
    """The list price, all of it waived, and what is charged to whom (C30)."""
    if item.list_price and new.list_price not in (None, item.list_price):
        message = f"价目表价格是 {item.list_price} 元，要改请由财务在项目价格里修改"
        raise Refusal("price_is_listed", 422, message, "list_price")
    list_price = item.list_price or new.list_price
    if list_price is None:
        message = "价目表里还没有这一项的价格，请填写"
        raise Refusal("price_missing", 422, message, "list_price")
    doctor = bearing_doctor(membership.patient_id, item, rules)
    return {
        "list_price": list_price,
        "waived": list_price,
        "cost": cost_of(rules, list_price=list_price, cost_price=item.cost_price),
        "bearer": Use.Bearer.DOCTOR if doctor else Use.Bearer.MARKETING,
        "bearer_doctor": doctor,
    }


def _proven(
    membership: Membership, new: NewUse, claims: Sequence[Claim | None], by: User, now: datetime
) -> Proven:
    """What was signed; what was collected before was proven then."""
    if new.proof:
        return keep_proof(patient=membership.patient, proof=new.proof, by=by, now=now)
    if not all(claims):
        proof_from(signed=None, slip_number="")
    return {"signature": None, "slip_number": ""}


def _check_teeth(item: Item, found: Entitlement, pieces: Sequence[Piece]) -> None:
    """One tooth for each piece of what is counted by teeth, none for anything else (R23)."""
    teeth = [piece.tooth for piece in pieces]
    if item.unit != PER_TOOTH:
        if any(teeth):
            raise Refusal("no_teeth", 422, f"{item.name}不分牙位", "teeth")
        return
    if not all(teeth):
        raise Refusal("tooth_missing", 422, "请填写牙位", "teeth")
    teeth_from(" ".join(teeth))
    # What points bought is one set of teeth; a level's yearly items may come back to one.
    earlier = Use.objects.filter(period=found.period, voided=False, tooth__in=teeth, item=item)
    again = earlier.values_list("tooth", flat=True).first() if found.is_redeemed else None
    if again:
        raise Refusal("tooth_twice", 409, f"牙位 {again} 已经登记过，一颗牙一次", "teeth")


def _place(found: Entitlement, claim: Claim | None, membership: Membership) -> dict[str, Any]:
    """Which entitlement it is: that of the claim, whose file may have been merged since."""
    if claim:
        own = {"membership_id": claim.membership_id, "child_id": claim.child_id}
        if claim.child_id is not None:
            own["beneficiary_id"] = claim.child_id
        household = claim.household_id
    else:
        own = {"membership_id": membership.pk, "child_id": found.child_id}
        household = counted_household(found)
    return {
        **own,
        "household_id": household,
        "period": found.period,
        "ordinal": found.ordinal,
        "claim": claim,
    }
