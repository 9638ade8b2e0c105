"""Fills an empty database with an invented hospital and two years of its patients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from desk.demo.archive import Archive
from desk.demo.collected import Collected
from desk.demo.drafts import draft_next_year, price_items
from desk.demo.front_desk import FrontDesk
from desk.demo.histories import DAYS, Historian, Payment
from desk.demo.mistakes import DOUBLE_FILES, Mistakes
from desk.demo.people import Inventor
from desk.demo.replay import Event, Replay, events_of, visits_of
from desk.demo.rewards import OPENED_FILES, RewardsDesk
from desk.demo.staffing import Staff, hire
from members.models import Membership, Patient
from points.models import Receipt
from scheme.operations.loading import load_scheme
from scheme.operations.publishing import publish
from scheme.queries import rules_of
from scheme.rules import Rules
from staff.exceptions import Refusal
from staff.models import Import, User
from staff.models.user import SYSTEM_USERNAME
from staff.operations.imports import record_whole
from staff.operations.roles import sync_roles
from staff.refusals import operation
from staff.rules import SHANGHAI, business_day

PATIENTS = 400
_FIRST, _SECOND = "qujing_dental.toml", "qujing_dental_both.toml"
_SCHEMES = Path(__file__).resolve().parents[2] / "schemes"
_SHIPPED_DAY = "effective_from = 2026-01-01"


@dataclass(frozen=True)
class Seeded:
    """How much was written."""

    patients: int
    members: int
    receipts: int


def is_empty() -> bool:
    """Whether nobody has used this database: no colleague, no patient."""
    colleagues = User.objects.exclude(username=SYSTEM_USERNAME)
    return not colleagues.exists() and not Patient.objects.exists()


@operation
def seed(*, seed: int, now: datetime, patients: int = PATIENTS) -> Seeded:
    """Write the demonstration: all of it or, refused or interrupted, nothing.

    Raises Refusal 409 on a database that is not empty.
    """
    if not is_empty():
        message = "数据库不是空的，演示数据只能写入空数据库；现有数据没有改动"
        raise Refusal("not_empty", 409, message)
    random = Random(seed)
    sync_roles()
    staff = hire(since=business_day(now) - timedelta(days=DAYS + 30))
    rules = _publish_schemes(staff, now)
    historian = Historian(random, now=now, rules=rules)
    inventor = Inventor(random, today=business_day(now))
    old = max(6, patients // 16)
    known = [(inventor.invent(history.trait), history) for history in historian.followed(old)]
    met = [
        (inventor.invent(history.trait), history)
        for history in historian.write(patients - old - DOUBLE_FILES - OPENED_FILES)
    ]
    people = [person for person, _ in known]
    archive = Archive(staff, random)
    archive.bring_in(people, now - timedelta(days=DAYS + 1))
    events = [event for person, history in met for event in events_of(person, history)]
    events += [event for person, history in known for event in visits_of(person, history)]
    past = _file_of_past(events, staff, now)
    Replay(staff, random, business_day(now), past).run(events)
    Mistakes(staff, now).happen(people)
    archive.find_more(people, now)
    FrontDesk(staff, now).work()
    price_items(staff, now - timedelta(days=3))
    desk = RewardsDesk(staff, inventor, now)
    desk.choose()
    Collected(staff, random, now).bring_in(but=desk.told)
    desk.work()
    draft_next_year(staff, now)
    return Seeded(Patient.objects.count(), Membership.objects.count(), Receipt.objects.count())


def _file_of_past(events: Sequence[Event], staff: Staff, now: datetime) -> Import:
    """The file in which the payments before today came in."""
    paid = [event.what for event in events if isinstance(event.what, Payment)]
    amounts = [one.amount for one in paid if business_day(one.at) < business_day(now)]
    return record_whole(
        kind=Import.Kind.PAYMENTS,
        file_name="历史收费.csv",
        rows=len(amounts),
        total=sum(amounts, Decimal(0)),
        by=staff.marketing,
        now=now - timedelta(days=1),
    )


def _publish_schemes(staff: Staff, now: datetime) -> Rules:
    """方案A from the beginning, both plans from 1 January of this year on (C3)."""
    first = (_SCHEMES / _FIRST).read_bytes()
    begins = now - timedelta(days=DAYS + 40)
    load_scheme(document=first, by=User.objects.system(), now=begins)
    new_year = business_day(now).replace(month=1, day=1)
    # The change was decided in the old year: no version begins in the past.
    before = datetime.combine(new_year - timedelta(days=20), time(15), SHANGHAI)
    document = (_SCHEMES / _SECOND).read_text(encoding="utf-8")
    document = document.replace(_SHIPPED_DAY, f"effective_from = {new_year}")
    draft = load_scheme(document=document, by=staff.marketing, now=before).scheme
    if draft.published_at is None:
        draft = publish(
            scheme=draft, requested_by=staff.marketing, decided_by=staff.manager, now=before
        )
    return rules_of(draft.pk)
