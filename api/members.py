from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router, Status

from api import schemas
from api.auth import Token, caller
from api.body import body_of
from api.queries import due_things
from points.operations.enrolment import enrol
from staff.clock import checked_now
from staff.exceptions import Refusal
from staff.rules import business_day, identifier

router = Router(tags=["会员"])

_FORM = {
    "name": "姓名",
    "sex": "性别",
    "phone": "电话",
    "id_number": "证件号码",
    "address": "家庭住址",
}


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
    _check_form(given)
    now = checked_now()
    enrolled = enrol(file_number=file_number, given=given, by=caller(request), now=now)
    things = due_things(enrolled.membership.pk, today=business_day(now))
    answer = schemas.Member(
        membership_number=enrolled.membership.number,
        file_number=file_number,
        tier=enrolled.tier,
        due=[schemas.Due(**asdict(thing)) for thing in things],
    )
    return Status(200 if enrolled.repeated else 201, answer)


def _check_form(given: dict[str, object]) -> None:
    """What the patient file knows may differ from what was signed: the form says it again."""
    for field, label in _FORM.items():
        if given.get(field) in (None, ""):
            raise Refusal("required", 422, f"请填写{label}", field)
