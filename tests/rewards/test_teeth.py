"""Teeth and quantities as they are delivered."""

import pytest

from rewards.rules.redemption import redemption_from
from rewards.rules.teeth import MILK, PERMANENT, teeth_from, tooth_name
from staff.exceptions import Refusal


def test_teeth_are_read_in_fdi_notation() -> None:
    assert teeth_from(["75", 36, " 11 "]) == ("11", "36", "75")
    assert teeth_from("46，36 75") == ("36", "46", "75")
    assert (tooth_name("36"), tooth_name("51"), tooth_name("48")) == (
        "左下第一磨牙",
        "右上乳中切牙",
        "右下第三磨牙",
    )
    assert sum(map(len, PERMANENT)) == 32 and sum(map(len, MILK)) == 20


@pytest.mark.parametrize("given", [["19"], ["56"], ["00"], ["x"], [True], [None], [1.5], "99", {}])
def test_what_is_no_tooth_is_refused(given: object) -> None:
    with pytest.raises(Refusal) as error:
        teeth_from(given)
    assert (error.value.status, error.value.field) == (422, "teeth")


def test_no_tooth_is_named_twice() -> None:
    with pytest.raises(Refusal, match="牙位 36 写了两次"):
        teeth_from(["36", "36"])


@pytest.mark.parametrize("quantity", [0, -1, 1000, "1", True, None, 1.0])
def test_a_bad_quantity_is_refused(quantity: object) -> None:
    given = {"idempotency_key": "K", "membership_number": "M", "item": "i", "quantity": quantity}
    with pytest.raises(Refusal) as error:
        redemption_from(given)
    assert (error.value.status, error.value.field) == (422, "quantity")
