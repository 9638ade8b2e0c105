"""Invented patients, with documents whose check digits are right."""

from datetime import datetime
from itertools import count

from django.utils import timezone

from members.models import Patient
from members.operations.patients import save_patient
from staff.models import User

_numbers = count(1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(born: str = "19850312", serial: int | None = None, region: str = "") -> str:
    """A well-formed 居民身份证 number, another one each time; an odd serial is a man's."""
    # A day has five hundred odd serials in a region; the next region goes on.
    further, odd = divmod(next(_numbers), 500)
    number = odd * 2 + 1 if serial is None else serial
    body = f"{region or 530302 + further}{born}{number % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def patient(file_number: str = "", *, now: datetime | None = None, **given: object) -> Patient:
    """A patient file with a name and what else is given."""
    file_number = file_number or f"P{next(_numbers):06d}"
    saved = save_patient(
        file_number=file_number,
        given={"name": "张三丰", **given},
        by=User.objects.system(),
        now=now or timezone.now(),
    )
    return saved.patient
