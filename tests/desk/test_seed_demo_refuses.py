from datetime import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from desk.demo.seeding import is_empty, seed
from desk.demo.stories import STORIES
from staff.exceptions import Refusal
from tests.factories.members import patient

pytestmark = pytest.mark.django_db


def test_a_patient_alone_makes_a_database_not_empty() -> None:
    assert is_empty()
    patient()
    with pytest.raises(Refusal, match="现有数据没有改动"):
        seed(seed=1, now=timezone.now(), patients=len(STORIES))


def test_on_other_peoples_data_no_log_ins_are_listed() -> None:
    patient()
    out = StringIO()
    call_command("seed_demo", "--if-empty", stdout=out)
    assert out.getvalue() == "数据库中已有数据，没有写入演示数据。\n"


@pytest.mark.parametrize("moment", ["2026-01-01T00:10+08:00", "2028-02-29T23:50+08:00"])
def test_it_works_on_awkward_days(moment: str) -> None:
    seeded = seed(seed=3, now=datetime.fromisoformat(moment), patients=len(STORIES) + 12)
    assert seeded.patients == len(STORIES) + 12
