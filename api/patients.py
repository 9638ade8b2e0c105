from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from api import schemas
from api.auth import Token, caller
from api.body import body_of
from api.queries import ledger_of, patient_now
from members.operations.patients import save_patient
from points.models import PointsEntry
from staff.rules import NEW, SHANGHAI, business_day, identifier, moment

router = Router(tags=["病人"])


# Before the address of the file, which would take the last part for part of the number.
@router.get(
    "/patients/{path:file_number}/ledger",
    auth=Token("points.view_pointsentry"),
    response=schemas.answers(200, schema=schemas.Ledger),
    summary="查询积分流水（由旧到新；as_of 按入账时间截止）",
)
def ledger(
    request: HttpRequest, file_number: str, as_of: str | None = None
) -> Status[schemas.Ledger]:
    entries = ledger_of(_file_number(file_number), as_of=_as_of(as_of))
    return Status(200, schemas.Ledger(entries=[_entry(entry) for entry in entries]))


@router.get(
    "/patients/{path:file_number}",
    auth=Token("members.view_patient"),
    response=schemas.answers(200, schema=schemas.Patient),
    summary="查询病人的会员与积分",
)
def patient(request: HttpRequest, file_number: str) -> Status[schemas.Patient]:
    return Status(200, _patient(_file_number(file_number)))


@router.put(
    "/patients/{path:file_number}",
    auth=Token("members.add_patient", "members.change_patient"),
    response=schemas.answers(201, 200, schema=schemas.Patient),
    openapi_extra=schemas.body(schemas.PatientFile),
    summary="新建或更新病人档案",
)
def save(request: HttpRequest, file_number: str) -> Status[schemas.Patient]:
    number = _file_number(file_number)
    saved = save_patient(
        file_number=number, given=body_of(request), by=caller(request), now=timezone.now()
    )
    return Status(201 if saved.outcome == NEW else 200, _patient(number))


def _file_number(written: str) -> str:
    return identifier(written, field="file_number", label="档案号")


def _as_of(written: str | None) -> datetime | None:
    if written is None:
        return None
    # A plus sign that the caller did not encode arrives as a blank.
    written = written.replace(" ", "+")
    return moment(written, field="as_of", label="截止时间", now=timezone.now())


def _patient(file_number: str) -> schemas.Patient:
    found = patient_now(file_number, today=business_day(timezone.now()))
    return schemas.Patient(**asdict(found))


def _entry(entry: PointsEntry) -> schemas.Entry:
    return schemas.Entry(
        seq=entry.seq,
        kind=entry.kind,
        cumulative_delta=entry.cumulative_delta,
        available_delta=entry.available_delta,
        cumulative_after=entry.cumulative_after,
        available_after=entry.available_after,
        occurred_at=_time(entry.occurred_at),
        recorded_at=_time(entry.recorded_at),
        reference=entry.reference,
    )


def _time(at: datetime) -> str:
    """With microseconds, so that `as_of` can name exactly this entry."""
    return at.astimezone(SHANGHAI).isoformat()
