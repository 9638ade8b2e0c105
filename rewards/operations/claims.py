"""Collecting services before they are used: on a printed card, or noted in the e-file (R39)."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from members.models import Membership
from members.rules import service_card_number
from rewards.exceptions import no_rules
from rewards.models import Claim
from rewards.operations.entitled import counted_household, locked_entitlements
from rewards.operations.proof import Proven, keep_proof
from rewards.rules import Entitlement, Key
from rewards.rules.proof import Proof
from scheme.models import Item
from scheme.queries import rules_on
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import business_day


@operation
def claim_services(
    *, membership: Membership, keys: Sequence[Key], proof: Proof, by: User, now: datetime
) -> list[Claim]:
    """Hand the member these open services to use later, all or none, one card or note each.

    Whether on cards or in the e-file is a setting of the version in force. Raises Refusal 422
    where nothing is chosen or proven; 409 where one is taken, lapsed, held, a gift, or bought with
    points, which is used straight away.
    """
    if not keys:
        raise Refusal("nothing_chosen", 422, "请选择要领取的服务", "services")
    rules = rules_on(business_day(now))
    if rules is None:
        raise no_rules()
    found = locked_entitlements(membership=membership, keys=list(dict.fromkeys(keys)), now=now)
    for each in found:
        _check_claimable(each)
    on_card = rules.service_delivery == "card"
    codes: list[str] | list[None] = _fresh_codes(len(found)) if on_card else [None] * len(found)
    proven = keep_proof(patient=membership.patient, proof=proof, by=by, now=now)
    rows = _rows(membership, zip(found, codes, strict=True), proven, by, now)
    return Claim.objects.bulk_create(rows)


def _check_claimable(found: Entitlement) -> None:
    if found.kind == "gift":
        message = "礼品不用领取服务卡，请在“发放礼品”中登记"
        raise Refusal("not_a_service", 409, message, "services")
    if found.is_redeemed:
        message = "积分兑换的服务不用领取，直接登记使用"
        raise Refusal("claim_not_needed", 409, message, "services")


def _rows(
    membership: Membership,
    found: Iterable[tuple[Entitlement, str | None]],
    proven: Proven,
    by: User,
    now: datetime,
) -> Iterator[Claim]:
    pairs = list(found)
    codes = {each.item for each, _ in pairs}
    items = {item.code: item for item in Item.objects.filter(code__in=codes)}
    for each, code in pairs:
        yield Claim(
            membership=membership,
            item=items[each.item],
            period=each.period,
            ordinal=each.ordinal,
            child_id=each.child_id,
            household_id=counted_household(each),
            delivery=Claim.Delivery.CARD if code else Claim.Delivery.ELECTRONIC,
            code=code,
            expires_on=each.expires_on,
            claimed_at=now,
            by=by,
            **proven,
        )


def _fresh_codes(count: int) -> list[str]:
    """Numbers that no service card carries: drawn by lot, and drawn again where one is taken."""
    fresh: set[str] = set()
    while len(fresh) < count:
        missing = count - len(fresh)
        drawn = {service_card_number(secrets.randbelow(10**10)) for _ in range(missing)}
        fresh |= drawn - set(Claim.objects.filter(code__in=drawn).values_list("code", flat=True))
    return list(fresh)
