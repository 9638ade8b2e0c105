"""A member with points to spend, under both plans."""

from collections.abc import Iterator

import pytest
from django.db import connection

from members.models import Membership
from points.models import PointsAccount
from points.queries import broken_rows
from staff.exceptions import Refusal
from tests.factories.scheme import published
from tests.rewards.bought import spender


@pytest.fixture(autouse=True)
def both_plans(db: None) -> Iterator[None]:
    """方案A and 方案B since 1 January; whatever the test did, the books agree."""
    published("qujing_dental_both")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert list(broken_rows()) == []


@pytest.fixture
def rich() -> Membership:
    return spender("5000", "P1")


def available(membership: Membership) -> int:
    return PointsAccount.objects.get(pk=membership.patient.root_id).available


def said(refusal: Refusal) -> tuple[str, int, str | None]:
    return refusal.code, refusal.status, refusal.field
