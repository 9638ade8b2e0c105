"""Every threshold of the scheme (S2:28–39), by both paths, on fresh patients."""

import pytest

from tests.api.client import Caller, ago

pytestmark = pytest.mark.django_db

# Receipts as (days ago, yuan) in the order of days; the level they bring, or None.
Receipts = tuple[tuple[int, str], ...]
SINGLE: list[tuple[str, str | None]] = [
    ("999.99", None),
    ("1000.00", "ordinary"),
    ("4999.99", "ordinary"),
    ("5000", "senior"),
    ("9999.99", "senior"),
    ("10000", "vip"),
    ("19999.99", "vip"),
    ("20000", "diamond"),
]
TOTALS: list[tuple[int, str | None]] = [
    (1999, None),
    (2000, "ordinary"),
    (7999, "ordinary"),
    (8000, "senior"),
    (14999, "senior"),
    (15000, "vip"),
    (24999, "vip"),
    (25000, "diamond"),
]


def in_parts(total: int) -> Receipts:
    """The total on days of their own, none of which reaches the level by itself.

    The largest day is the third that leaves two more just as large.
    """
    third = total // 3
    return ((9, str(third)), (8, str(third)), (7, str(total - 2 * third)))


def one_day(amount: str) -> Receipts:
    """The amount in three receipts of one day."""
    cents = round(float(amount) * 100)
    third = cents // 300
    rest = cents - 2 * third * 100
    return ((5, str(third)), (5, str(third)), (5, f"{rest // 100}.{rest % 100:02d}"))


CASES: dict[str, tuple[Receipts, str | None]] = {
    **{f"one receipt of {amount}": (((5, amount),), tier) for amount, tier in SINGLE},
    **{f"one day of {amount}": (one_day(amount), tier) for amount, tier in SINGLE},
    **{f"a total of {total}": (in_parts(total), tier) for total, tier in TOTALS},
}


def points(receipts: Receipts) -> int:
    return sum(int(float(amount)) for _, amount in receipts)


@pytest.mark.parametrize("case", CASES)
def test_who_enrols_at_the_end_has_the_level_of_the_whole_history(his: Caller, case: str) -> None:
    receipts, tier = CASES[case]
    file_number = his.patient()
    answers = [his.pay(file_number, yuan, paid_at=ago(days)) for days, yuan in receipts]
    last = answers[-1]
    assert last["cumulative_points"] == points(receipts)
    assert (last["tier"], last["tier_reached"], last["can_enrol"]) == (None, None, tier is not None)
    joined = his.join(file_number)
    assert joined.status == (201 if tier else 409)
    assert his.see(file_number)["tier"] == tier
    if tier:
        assert joined["tier"] == tier


@pytest.mark.parametrize("case", CASES)
def test_who_enrols_as_soon_as_possible_ends_on_the_same_level(his: Caller, case: str) -> None:
    receipts, tier = CASES[case]
    file_number = his.patient()
    held = None
    for days, yuan in receipts:
        answer = his.pay(file_number, yuan, paid_at=ago(days))
        assert answer["tier_reached"] == (answer["tier"] if answer["tier"] != held else None)
        held = answer["tier"]
        if held is None:
            joined = his.join(file_number)
            assert joined.status == (201 if answer["can_enrol"] else 409)
            held = joined["tier"] if answer["can_enrol"] else None
    seen = his.see(file_number)
    assert (seen["tier"], seen["cumulative_points"]) == (tier, points(receipts))


def test_a_day_ends_at_midnight_in_shanghai(his: Caller) -> None:
    apart, together = his.patient(), his.patient()
    for at in ("2026-03-01T15:59:59Z", "2026-03-01T16:00:00Z"):
        his.pay(apart, "500", paid_at=at)
    for at in ("2026-03-01T16:00:00Z", "2026-03-02T15:59:59Z"):
        his.pay(together, "500", paid_at=at)
    assert his.see(apart)["can_enrol"] is False
    assert his.see(together)["can_enrol"] is True
