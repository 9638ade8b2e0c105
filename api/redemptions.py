from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from api import schemas
from api.auth import Token, caller
from api.body import body_of, body_or_nothing
from api.queries import entitlements_now
from rewards.operations.redemption import Redeemed, cancel, redeem
from rewards.rules import Entitlement
from rewards.rules.redemption import BY_HIS, redemption_from
from staff.clock import checked_now
from staff.rules import business_day, identifier, text

router = Router(tags=["礼遇与兑换"])

_NO_REASON = "医院信息系统取消，没有写原因"


@router.post(
    "/redemptions",
    auth=Token("rewards.add_redemption"),
    response=schemas.answers(201, 200, schema=schemas.Redemption),
    openapi_extra=schemas.body(schemas.NewRedemption),
    summary="积分兑换（同一请求编号重发返回 200；被拒绝的编号可以再用）",
)
def spend(request: HttpRequest) -> Status[schemas.Redemption]:
    new = redemption_from(body_of(request))
    redeemed = redeem(new=new, shown=BY_HIS, by=caller(request), now=checked_now())
    return Status(200 if redeemed.repeated else 201, _answer(redeemed))


@router.post(
    "/redemptions/{path:redemption_number}/cancel",
    auth=Token("rewards.add_redemptioncancel"),
    response=schemas.answers(201, 200, schema=schemas.RedemptionCancel),
    openapi_extra=schemas.body(schemas.NewRedemptionCancel),
    summary="取消兑换，退回积分（重发返回 200；已领取或使用的返回 409）",
)
def give_back(request: HttpRequest, redemption_number: str) -> Status[schemas.RedemptionCancel]:
    number = identifier(redemption_number, field="redemption_number", label="兑换单号")
    given = body_or_nothing(request)
    reason = text(given.get("reason") or _NO_REASON, field="reason", label="取消原因", longest=200)
    cancelled = cancel(number=number, reason=reason, by=caller(request), now=checked_now())
    answer = schemas.RedemptionCancel(
        redemption_number=cancelled.redemption.number,
        points=cancelled.redemption.points,
        available_points=cancelled.available,
    )
    return Status(200 if cancelled.repeated else 201, answer)


@router.get(
    "/members/{path:membership_number}/entitlements",
    auth=Token("rewards.view_issue"),
    response=schemas.answers(200, schema=schemas.Entitlements),
    summary="查询会员的全部礼遇：可用的、已领已用的、到期的、暂停的",
)
def entitlements(request: HttpRequest, membership_number: str) -> Status[schemas.Entitlements]:
    number = identifier(membership_number, field="membership_number", label="会员号")
    found = entitlements_now(number, today=business_day(timezone.now()))
    return Status(200, schemas.Entitlements(entitlements=[_entitlement(each) for each in found]))


def _answer(redeemed: Redeemed) -> schemas.Redemption:
    bought = redeemed.redemption
    return schemas.Redemption(
        redemption_number=bought.number,
        membership_number=bought.membership.number,
        item=bought.item.code,
        quantity=bought.quantity,
        points=bought.points,
        available_points=redeemed.available,
        teeth=bought.teeth,
        expires_on=_day(bought.expires_on),
        cancelled=bought.voided,
    )


def _entitlement(found: Entitlement) -> schemas.Entitlement:
    return schemas.Entitlement(
        code=found.item,
        kind=found.kind,
        period=found.period,
        ordinal=found.ordinal,
        state=found.state,
        expires_on=_day(found.expires_on),
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
