"""Nothing is posted at a time that only one of the two clocks believes in."""

import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Membership
from points.models import PointsEntry, Receipt
from scheme.models import Scheme
from staff import clock, roles
from staff.clock import checked_now, clocks_differ
from staff.exceptions import Refusal
from staff.models import User
from staff.operations.people import create_api_token
from tests.api.client import Caller
from tests.desk.words import words
from tests.factories.members import patient

pytestmark = pytest.mark.django_db
Move = Callable[..., None]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Move:
    """`move(days=40)`: the application's clock jumps; the database's goes on as it was."""

    def jump(**by: float) -> None:
        moved = SimpleNamespace(now=lambda: timezone.now() + timedelta(**by))
        monkeypatch.setattr(clock, "timezone", moved)

    return jump


def test_clocks_that_agree_give_the_application_s_time(move: Move) -> None:
    move(seconds=59)
    assert timedelta(seconds=58) < checked_now() - clock._read().now() < timedelta(seconds=60)
    assert clocks_differ() is None


@pytest.mark.parametrize(("by", "told"), [({"days": -2}, "172,800"), ({"seconds": 61}, "61")])
def test_a_jump_is_refused_at_once_with_its_size(move: Move, by: dict[str, int], told: str) -> None:
    checked_now()
    move(**by)
    with pytest.raises(Refusal, match=f"相差 {told} 秒.*请联系信息科校准时间") as refused:
        checked_now()
    assert (refused.value.code, refused.value.status) == ("clocks_differ", 503)


def test_a_wrong_clock_of_the_database_shows_after_ten_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = timezone.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "_last", clock._Reading(wrong, time.monotonic() - 11))
    checked_now()
    monkeypatch.setattr(clock, "_read", lambda: clock._Reading(wrong, time.monotonic()))
    monkeypatch.setattr(clock, "_last", None)
    with pytest.raises(Refusal):
        checked_now()


def test_a_machine_that_slept_is_not_refused_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before_sleep = clock._Reading(timezone.now() - timedelta(hours=8), time.monotonic())
    monkeypatch.setattr(clock, "_last", before_sleep)
    assert abs(checked_now() - timezone.now()) < timedelta(seconds=5)


def test_the_database_is_asked_once_in_ten_seconds(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "_last", None)
    with django_assert_num_queries(1):
        for _ in range(100):
            checked_now()


def test_the_till_keeps_what_was_typed_and_posts_when_the_clock_is_right_again(
    as_cashier: Client, scheme: Scheme, move: Move
) -> None:
    address = f"/patients/{patient().pk}/pay/"
    form = {"amount": "1234.50", "receipt_number": "A1"}
    move(days=40)
    response = as_cashier.post(address, form)
    assert "时间相差" in words(response) and "暂不能记账" in words(response)
    assert 'value="1234.50"' in response.content.decode()
    assert not Receipt.objects.exists()

    move()
    assert as_cashier.post(address, form).status_code == 302
    assert PointsEntry.objects.get().cumulative_delta == 1234


def test_the_interface_posts_nothing(cashier: User, scheme: Scheme, move: Move) -> None:
    his = Caller(create_api_token(name="HIS", role=roles.HIS, now=timezone.now()))
    file_number = his.patient()
    his.pay(file_number, "5000", receipt_number="A1")
    move(minutes=-5)
    answers = [
        his.pay(file_number, "1"),
        his.refund("A1", "1"),
        his.join(file_number),
    ]
    assert {answer.refusal for answer in answers} == {(503, "clocks_differ", None)}
    assert PointsEntry.objects.count() == 1
    assert not Membership.objects.exists()


def test_who_watches_the_system_is_told(client: Client, move: Move) -> None:
    move(minutes=5)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.content.decode().startswith("服务器与数据库的时间相差 300 秒")
