from collections.abc import Mapping
from datetime import datetime

from members.models import JoinTalk, Membership
from members.operations.patients import locked_file
from members.queries.joining import newest_talks
from members.rules.joining import talk_from
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation
from staff.rules import SHANGHAI, business_day


@operation
def record_talk(
    *, patient_id: int, given: Mapping[str, object], seen: int | None, by: User, now: datetime
) -> JoinTalk:
    """Write down what somebody answered who was asked to join (R26, R58); the newest counts.

    `given` holds outcome, ask_again_on and note; `seen` is the key of the newest talk that `by`
    knows of. Raises Refusal 422 naming the field; 409 when there is a newer one, or a membership.
    """
    talk = talk_from(given, today=business_day(now))
    patient = locked_file(patient_id)
    if member := Membership.objects.filter(patient=patient).first():
        message = f"{patient.name}已是会员，会员号 {member.number}，不用再征询"
        raise Refusal("already_member", 409, message)
    _check_seen(newest_talks([patient.pk]).get(patient.pk), seen)
    return JoinTalk.objects.create(
        patient=patient,
        outcome=talk.outcome,
        ask_again_on=talk.ask_again_on,
        note=talk.note,
        talked_at=now,
        by=by,
    )


def _check_seen(newest: JoinTalk | None, seen: int | None) -> None:
    if newest is None or newest.pk == seen:
        return
    at = f"{newest.talked_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    message = (
        f"{newest.by}已于 {at} 记下“{newest.get_outcome_display()}”，没有再记一次；"
        "如果答复不同，请看过后再记"
    )
    raise Refusal("talk_is_newer", 409, message)
