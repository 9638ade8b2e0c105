"""Points for yuan, and the sentence that says why a level is held."""

from datetime import date
from decimal import Decimal

import pytest

from points.rules import (
    OneTime,
    VisitDay,
    amount,
    best,
    cause_sentence,
    eligible_since,
    points_for,
    yuan_text,
)
from staff.exceptions import Refusal
from tests.factories.scheme import rules

DAY = date(2026, 3, 2)


def visit(day: int, *receipts: int) -> VisitDay:
    on = date(2026, 3, day)
    total, largest = sum(receipts), max(receipts)
    return VisitDay(OneTime(on, total, Decimal(total)), OneTime(on, largest, Decimal(largest)))


@pytest.mark.parametrize(
    ("yuan", "rate", "points"), [("0.99", 1, 0), ("999.99", 1, 999), ("1.50", 2, 3), ("0.40", 2, 0)]
)
def test_r11_points_are_whole(yuan: str, rate: int, points: int) -> None:
    assert points_for(Decimal(yuan), rate) == points


@pytest.mark.parametrize(
    "written", ["0", "0.00", "-1", "1e3", "123456789", "1.234", "１２", "", " 1"]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        amount(written)
    assert (refused.value.status, refused.value.field) == (422, "amount")


def test_a_json_number_is_no_amount() -> None:
    with pytest.raises(Refusal, match="金额应为文字"):
        amount(128.5)


def test_c16_the_day_or_the_receipt_counts_as_the_scheme_says() -> None:
    visits = [visit(1, 600, 600), visit(2, 1000), visit(3, 1200)]
    by_day, by_receipt = best(visits, "day"), best(visits, "receipt")
    assert by_day and by_day.day == date(2026, 3, 1), "the earliest of equals"
    assert by_receipt and by_receipt.day == date(2026, 3, 3)
    assert best([], "day") is None


def test_r26_joining_is_possible_from_the_day_that_allows_it() -> None:
    assert eligible_since(rules(), [visit(1, 999), visit(2, 999), visit(3, 2)], before=0) == date(
        2026, 3, 3
    )
    assert eligible_since(rules(), [visit(1, 500, 500)], before=0) == date(2026, 3, 1)
    assert eligible_since(rules(), [visit(1, 999)], before=0) is None
    assert eligible_since(rules(), [visit(1, 999)], before=20000) is None
    assert eligible_since(rules(), [visit(1, 999)], before=1001) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("path", "lowest", "sentence"),
    [
        ("one_time", False, "2026-03-02 一次性消费 10,240 元，直接升级为VIP会员"),
        ("one_time", True, "2026-03-02 一次性消费 10,240 元，成为VIP会员"),
        ("cumulative", False, "2026-03-02 累计积分达到 15,000 分，升级为VIP会员"),
        ("review", False, "2026-03-02 经级别复核调整为VIP会员"),
    ],
)
def test_the_cause_is_one_sentence(path: str, lowest: bool, sentence: str) -> None:
    said = cause_sentence(
        tier="VIP会员", lowest=lowest, path=path, day=DAY, points=15000, yuan=Decimal(10240)
    )
    assert said == sentence


def test_yuan_are_written_as_people_write_them() -> None:
    assert (yuan_text(Decimal("10240.00")), yuan_text(Decimal("0.50"))) == ("10,240", "0.50")
