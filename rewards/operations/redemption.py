"""Points are spent on an item of the catalogue, and given back before use (R20-R25)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from members.exceptions import unknown_patient
from members.models import Card, Membership, Patient
from members.queries import patient_by_file_number
from points.models import PointsEntry
from points.operations import ledger
from points.operations.changeover import carry_over
from points.operations.levels import lock_accounts
from points.queries import standing
from rewards.exceptions import (
    in_debt,
    locked,
    not_for_sale,
    redemption_closed,
    too_few_points,
    unknown_item,
    unknown_membership,
)
from rewards.models import Redemption, RedemptionCancel
from rewards.rules import months_after
from rewards.rules.redemption import NewRedemption, Shown, check_teeth, is_unlocked, price_of
from scheme.models import Item
from scheme.queries import rules_on
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day, text


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption that was made or taken back, now or, `repeated`, before.

    `available` is what there was right after that.
    """

    redemption: Redemption
    repeated: bool
    available: int


@operation
def redeem(*, new: NewRedemption, shown: Shown, by: User, now: datetime) -> Redeemed:
    """Spend a member's points on an item at the price of today (R23).

    The same key with the same content again only tells what happened. Raises Refusal 404 for an
    unknown member or beneficiary, 422 for a bad item or other teeth than pieces, 409 when the key
    stands for something else, when 方案B is off or does not sell it, and when points are locked,
    owed or too few.
    """
    _one_at_a_time(new.idempotency_key)
    membership = _locked_member(new.membership_number)
    beneficiary = _beneficiary(new.beneficiary_file_number)
    if earlier := _earlier(new.idempotency_key):
        return _repeated(new, earlier, membership, beneficiary)
    rules = rules_on(business_day(now))
    if rules is None or not rules.plan_b:
        raise redemption_closed()
    item, price = _priced(new, rules)
    _check_points(membership, rules, price * new.quantity, by, now)
    card = _card(shown, membership)
    bought = Redemption.objects.create(
        idempotency_key=new.idempotency_key,
        membership=membership,
        item=item,
        quantity=new.quantity,
        points_each=price,
        points=price * new.quantity,
        scheme_id=rules.stored_id,
        teeth=list(new.teeth),
        beneficiary=beneficiary,
        proof=shown.proof,
        card=card,
        document_shown=shown.document,
        expires_on=months_after(business_day(now), rules.redeemed_valid_months),
        redeemed_at=now,
        by=by,
    )
    available = _post(bought, PointsEntry.Kind.REDEEM, by, now)
    return Redeemed(bought, False, available)


@operation
def cancel(*, number: str, reason: str, by: User, now: datetime) -> Redeemed:
    """Take back a redemption before use: the points return by a new entry (R24).

    Taken back already, it only tells what happened. Raises Refusal 404 for an unknown number, 422
    without a reason, 409 when something of it was issued, claimed or used.
    """
    reason = text(reason, field="reason", label="取消原因", longest=200)
    found = Redemption.objects.select_related("membership__patient").filter(number=number).first()
    if found is None:
        message = f"没有兑换单号为 {number} 的兑换，请核对"
        raise Refusal("unknown_redemption", 404, message, "redemption_number")
    lock_accounts([found.membership.patient.root_id])
    earlier = RedemptionCancel.objects.filter(redemption=found).first()
    if earlier:
        return Redeemed(found, True, _available_after(earlier.reference))
    made = RedemptionCancel.objects.create(redemption=found, reason=reason, cancelled_at=now, by=by)
    available = _post(found, PointsEntry.Kind.REDEEM_CANCEL, by, now, reference=made.reference)
    found.refresh_from_db(fields=["voided"])
    return Redeemed(found, False, available)


def _one_at_a_time(key: str | None) -> None:
    """The same wish sent twice at once waits here for its first time."""
    if key:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _locked_member(number: str) -> Membership:
    """The member, by the file that stands for the person (C40), with the account held."""
    named = Membership.objects.filter(number=number).values_list("patient", flat=True).first()
    if named is None:
        raise unknown_membership(number)
    root_id = Patient.objects.get(pk=named).root_id
    lock_accounts([root_id])
    return Membership.objects.select_related("patient").get(patient=root_id)


def _beneficiary(file_number: str) -> Patient | None:
    if not file_number:
        return None
    found = patient_by_file_number(file_number)
    if found is None:
        refusal = unknown_patient(file_number)
        raise Refusal(refusal.code, refusal.status, refusal.message, "beneficiary_file_number")
    return found


def _earlier(key: str | None) -> Redemption | None:
    if key is None:
        return None
    rows = Redemption.objects.select_related("membership__patient", "item", "beneficiary")
    return rows.filter(idempotency_key=key).first()


def _repeated(
    new: NewRedemption, earlier: Redemption, membership: Membership, beneficiary: Patient | None
) -> Redeemed:
    stored = (
        earlier.membership.patient.root_id,
        earlier.item.code,
        earlier.quantity,
        tuple(earlier.teeth),
        earlier.beneficiary.root_id if earlier.beneficiary else None,
    )
    meant = beneficiary.root_id if beneficiary else None
    if stored != (membership.patient_id, new.item, new.quantity, new.teeth, meant):
        message = f"请求编号 {new.idempotency_key} 已用于另一次兑换 {earlier.number}，请换一个编号"
        raise Refusal("redemption_differs", 409, message, "idempotency_key")
    return Redeemed(earlier, True, _available_after(earlier.reference))


def _available_after(reference: str) -> int:
    return PointsEntry.objects.get(reference=reference).available_after


def _priced(new: NewRedemption, rules: Rules) -> tuple[Item, int]:
    """The item and its price for one piece."""
    item = Item.objects.filter(code=new.item).first()
    if item is None:
        raise unknown_item(new.item)
    price = price_of(rules, item.code)
    if price is None:
        raise not_for_sale(item.name)
    check_teeth(new, rules.item(item.code))
    return item, price


def _check_points(
    membership: Membership, rules: Rules, total: int, by: User, now: datetime
) -> None:
    root_id = membership.patient_id
    carry_over(files={root_id: None}, by=by, now=now)
    stand = standing(root_id)
    if not is_unlocked(rules, one_time=stand.one_time(rules), cumulative=stand.cumulative):
        raise locked(one_time=rules.redemption_one_time, cumulative=rules.redemption_cumulative)
    if stand.available < 0:
        raise in_debt(stand.available)
    if stand.available < total:
        raise too_few_points(available=stand.available, price=total)


def _card(shown: Shown, membership: Membership) -> Card | None:
    """The card that was scanned, which must be the member's own one in use."""
    if shown.proof != "card":
        return None
    card = Card.objects.live().filter(number=shown.card_number).first()
    if card is None or card.membership_id != membership.pk:
        message = f"卡号 {shown.card_number} 不是{membership.patient.name}现在使用的卡，请核对"
        raise Refusal("card_not_members", 409, message, "card_number")
    return card


def _post(
    bought: Redemption, kind: PointsEntry.Kind, by: User, now: datetime, *, reference: str = ""
) -> int:
    """The entry in the ledger; what is available after it."""
    spent = kind == PointsEntry.Kind.REDEEM
    entry = ledger.NewEntry(
        account_id=bought.membership.patient.root_id,
        kind=kind,
        cumulative_delta=0,
        available_delta=-bought.points if spent else bought.points,
        occurred_at=now,
        reference=reference or bought.reference,
        scheme_id=bought.scheme_id,
    )
    return ledger.post(entries=[entry], by=by)[entry.reference].available_after
