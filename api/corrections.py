from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Status

from api import schemas
from api.auth import Token, caller
from api.body import body_of
from api.queries import due_things
from members.models import Patient
from points.operations.corrections import Corrected, correct_receipt
from points.rules import correction_from
from scheme.queries import rules_on
from staff.clock import checked_now
from staff.rules import business_day

router = Router(tags=["收费"])


@router.post(
    "/payments/{path:receipt_number}/corrections",
    auth=Token("points.add_correction"),
    response=schemas.answers(201, 200, schema=schemas.Correction),
    openapi_extra=schemas.body(schemas.NewCorrection),
    summary="更正收费：冲正并重录，或只冲正（同一更正重发返回 200）",
)
def correct(request: HttpRequest, receipt_number: str) -> Status[schemas.Correction]:
    now = checked_now()
    new = correction_from(body_of(request), receipt_number=receipt_number, now=now)
    corrected = correct_receipt(new=new, by=caller(request), now=now)
    return Status(200 if corrected.repeated else 201, _answer(corrected, now))


def _answer(corrected: Corrected, now: datetime) -> schemas.Correction:
    stand = corrected.new or corrected.old
    today = business_day(now)
    rules, things = rules_on(today), due_things(stand.membership_id, today=today)
    return schemas.Correction(
        receipt_number=corrected.receipt_number,
        revision=corrected.revision if corrected.new else None,
        points=corrected.points,
        cumulative_points=corrected.cumulative,
        available_points=corrected.available,
        tier=stand.tier,
        tier_reached=corrected.tier_reached,
        can_enrol=rules is not None and stand.can_enrol(rules),
        due=[schemas.Due(**asdict(thing)) for thing in things],
        corrected=_taken_from(corrected),
    )


def _taken_from(corrected: Corrected) -> schemas.TakenFrom:
    return schemas.TakenFrom(
        file_number=Patient.objects.get(pk=corrected.old.patient_id).file_number,
        cumulative_points=corrected.old.cumulative,
        available_points=corrected.old.available,
        tier=corrected.old.tier,
    )
