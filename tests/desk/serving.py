"""Who uses a service at the desk, and to whom it is given."""

import pytest

from members.models import Membership, Patient
from tests.factories.members import patient
from tests.factories.points import member
from tests.factories.rewards import priced

SCALING = "ultrasonic_scaling"


@pytest.fixture
def vip(scheme: object) -> Membership:
    priced(SCALING)
    return member(patient("V1"), "12000", name="岳灵珊")


@pytest.fixture
def friend(scheme: object) -> Patient:
    return patient("F1", name="令狐冲")
