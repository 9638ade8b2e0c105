from django.http import HttpRequest
from ninja import Router, Status

from api import schemas
from api.auth import Token, caller
from api.body import body_of
from points.operations.refunds import Refunded, record_refund
from points.rules import refund_from
from staff.clock import checked_now

router = Router(tags=["收费"])


@router.post(
    "/refunds",
    auth=Token("points.add_refund"),
    response=schemas.answers(201, 200, schema=schemas.Refund),
    openapi_extra=schemas.body(schemas.NewRefund),
    summary="记录退费（同一退费单重发返回 200）",
)
def refund(request: HttpRequest) -> Status[schemas.Refund]:
    now = checked_now()
    new = refund_from(body_of(request), now=now)
    refunded = record_refund(new=new, by=caller(request), now=now)
    return Status(200 if refunded.repeated else 201, _answer(refunded))


def _answer(refunded: Refunded) -> schemas.Refund:
    return schemas.Refund(
        refund_number=refunded.refund_number,
        points=refunded.points,
        cumulative_points=refunded.cumulative,
        available_points=refunded.available,
        tier=refunded.standing.tier,
        review_opened=refunded.review_opened,
    )
