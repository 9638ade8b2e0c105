from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Status

from api import schemas
from api.auth import Token, caller
from api.body import body_of
from api.queries import due_things
from points.operations.receipts import Recorded, record_receipt
from points.rules import receipt_from
from staff.clock import checked_now
from staff.rules import business_day

router = Router(tags=["收费"])


@router.post(
    "/payments",
    auth=Token("points.add_receipt"),
    response=schemas.answers(201, 200, schema=schemas.Payment),
    openapi_extra=schemas.body(schemas.NewPayment),
    summary="记录收费（同一收据重发返回 200）",
)
def record_payment(request: HttpRequest) -> Status[schemas.Payment]:
    now = checked_now()
    new = receipt_from(body_of(request), now=now)
    recorded = record_receipt(new=new, by=caller(request), now=now)
    return Status(200 if recorded.repeated else 201, _answer(recorded, now))


def _answer(recorded: Recorded, now: datetime) -> schemas.Payment:
    things = due_things(recorded.standing.membership_id, today=business_day(now))
    return schemas.Payment(
        receipt_number=recorded.receipt_number,
        points=recorded.points,
        cumulative_points=recorded.cumulative,
        available_points=recorded.available,
        tier=recorded.standing.tier,
        tier_reached=recorded.tier_reached,
        can_enrol=recorded.standing.can_enrol(recorded.rules),
        due=[schemas.Due(**asdict(thing)) for thing in things],
    )
