"""A hundred thousand invented patients, opened as the product opens them."""

import random
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from desk.demo.names import ID_REGION, OLDER, PHONE_PREFIXES, SURNAMES, YOUNGER
from members.operations.patients import save_patients
from members.rules import resident_id_check_digit
from staff.models import User
from tests.bench.ground import PATIENTS

AT_ONCE = 2_000
_FIRST_BORN = date(1940, 1, 1)
_DAYS = 30_000


def open_files(*, by: User, now: datetime) -> None:
    """Open the files B0 … of the patients that everything is measured with; prints how fast."""
    chance = random.Random(1)
    people = list(_people(chance))
    began = time.perf_counter()
    for start in range(0, PATIENTS, AT_ONCE):
        save_patients(rows=people[start : start + AT_ONCE], by=by, now=now)
    rate = PATIENTS / (time.perf_counter() - began)
    print(f"  新建 {PATIENTS:,} 份档案，{rate:,.0f} 份/秒", flush=True)


def _people(chance: random.Random) -> Iterator[tuple[str, Mapping[str, object]]]:
    # As in the country, a few surnames are those of most people.
    weights = [1 / (rank + 10) for rank in range(len(SURNAMES))]
    surnames = chance.choices(SURNAMES, weights, k=PATIENTS)
    given = [name for words in (OLDER, YOUNGER) for names in words.values() for name in names]
    for place, surname in enumerate(surnames):
        name = surname + chance.choice(given)
        phone = f"{chance.choice(PHONE_PREFIXES)}{chance.randrange(10**8):08}"
        yield f"B{place}", {"name": name, "phone": phone, "id_number": _document(chance)}


def _document(chance: random.Random) -> str:
    born = _FIRST_BORN + timedelta(days=chance.randrange(_DAYS))
    body = f"{ID_REGION}{born:%Y%m%d}{chance.randrange(1000):03}"
    return body + resident_id_check_digit(body)
