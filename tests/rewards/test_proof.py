"""What proves that something was handed over."""

from datetime import date

import pytest

from members.rules.signing import Signed
from rewards.rules.proof import Proof, proof_from, words_to_sign
from staff.exceptions import Refusal

SIGNED = Signed("领取按摩梳", "iVBORw0KGgo=")


def test_a_signature_or_a_slip_number_proves_it() -> None:
    assert proof_from(signed=SIGNED, slip_number=" ") == Proof(SIGNED)
    assert proof_from(signed=None, slip_number=" 00123 ") == Proof(None, "00123")
    assert proof_from(signed=SIGNED, slip_number="00123") == Proof(SIGNED, "00123")


def test_without_either_it_is_refused_at_the_slip_number() -> None:
    with pytest.raises(Refusal, match="请会员在屏幕上签字，或填写纸质凭证号") as refused:
        proof_from(signed=None, slip_number="")
    assert (refused.value.status, refused.value.field) == (422, "slip_number")


def test_a_slip_number_that_nobody_can_read_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        proof_from(signed=None, slip_number="1" * 65)
    assert refused.value.field == "slip_number"


def test_the_member_signs_who_gets_what_and_when() -> None:
    words = words_to_sign(
        title="礼品签收单",
        member="林平",
        number="10001",
        lines=["按摩梳 1 件"],
        day=date(2026, 3, 2),
    )
    assert words.splitlines() == [
        "礼品签收单",
        "会员：林平",
        "会员号：10001",
        "· 按摩梳 1 件",
        "签字日期：2026-03-02",
    ]
