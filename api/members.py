from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from api import schemas
from api.auth import Token, caller
from api.body import body_of
from points.operations.enrolment import enrol
from staff.rules import identifier

router = Router(tags=["会员"])


@router.post(
    "/members",
    auth=Token("members.add_membership"),
    response=schemas.answers(201, 200, schema=schemas.Member),
    openapi_extra=schemas.body(schemas.NewMember),
    summary="办理入会（同一档案、同一证件重发返回 200）",
)
def join(request: HttpRequest) -> Status[schemas.Member]:
    given = body_of(request)
    file_number = identifier(given.get("file_number"), field="file_number", label="档案号")
    enrolled = enrol(file_number=file_number, given=given, by=caller(request), now=timezone.now())
    answer = schemas.Member(
        membership_number=enrolled.membership.number,
        file_number=file_number,
        tier=enrolled.tier,
    )
    return Status(200 if enrolled.repeated else 201, answer)
