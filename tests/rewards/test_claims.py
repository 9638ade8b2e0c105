"""Collecting services before they are used: on cards or in the e-file, stopped when lost (R39)."""

import secrets
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Membership
from members.rules import is_service_card_number, service_card_number
from members.rules.signing import Signed
from points.models import Receipt
from rewards.models import Claim, Undoing
from rewards.operations import claims
from rewards.operations.claims import claim_services
from rewards.operations.undoing import undo
from rewards.queries import entitlements_of_member
from rewards.queries.claims import service_card, undoing_of, use_of
from rewards.rules import Key
from rewards.rules.proof import Proof
from staff.exceptions import Refusal
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.points import member, refund
from tests.factories.scheme import published
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

ON_PAPER = Proof(slip_number="00123")
SCALING, FACIAL = "ultrasonic_scaling", "facial_care"


@pytest.fixture
def vip(db: None) -> Membership:
    """A VIP where services come on cards: two scalings a year, facial care and herbs once."""
    published(service_delivery='"card"')
    return member(patient("V1"), "12000", name="岳灵珊")


@pytest.fixture
def senior(scheme: object) -> Membership:
    """A senior member where services stand in the e-file."""
    return member(patient("S1"), "6000")


def this_year(item: str, ordinal: int = 1) -> Key:
    return (item, str(business_day(timezone.now()).year), ordinal, None)


def claimed(membership: Membership, *keys: Key, proof: Proof = ON_PAPER) -> list[Claim]:
    return claim_services(
        membership=membership, keys=keys, proof=proof, by=user(), now=timezone.now()
    )


def stopped(claim: Claim, kind: Undoing.Kind = Undoing.Kind.LOST) -> Undoing:
    return undo(claim=claim, kind=kind, reason="钱包被偷", by=user(), now=timezone.now())


def state(membership: Membership, key: Key) -> str:
    found = entitlements_of_member(membership.pk, business_day(timezone.now()))
    return next(each.state for each in found if each.key == key)


def refusal(membership: Membership, *keys: Key, **given: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        claimed(membership, *keys, **given)
    return caught.value


def test_a_cards_number_begins_with_7_and_checks_itself() -> None:
    number = service_card_number(1234567890)
    assert number.startswith("71234567890") and is_service_card_number(number)
    assert not is_service_card_number(number[:-1] + str((int(number[-1]) + 1) % 10))
    assert not is_service_card_number("8" + number[1:])


def test_services_collected_come_on_a_card_each(vip: Membership) -> None:
    keys = this_year(SCALING), this_year(SCALING, 2), (FACIAL, "once:vip", 1, None)
    made = claimed(vip, *keys)
    assert [claim.delivery for claim in made] == ["card"] * 3
    numbers = {claim.code for claim in made}
    assert len(numbers) == 3 and all(is_service_card_number(str(one)) for one in numbers)
    year = business_day(timezone.now()).year
    assert [str(claim.expires_on) for claim in made] == [f"{year}-12-31", f"{year}-12-31", "None"]
    assert [state(vip, key) for key in keys] == ["claimed"] * 3
    assert service_card(str(made[0].code)) == made[0]


def test_in_the_e_file_there_is_no_card(senior: Membership) -> None:
    (made,) = claimed(senior, this_year(SCALING))
    assert (made.delivery, made.code) == ("electronic", None)
    assert state(senior, this_year(SCALING)) == "claimed"


def test_what_was_signed_is_kept(senior: Membership) -> None:
    (made,) = claimed(senior, this_year(SCALING), proof=Proof(Signed("领取洁牙", "iVBORw0KGgo=")))
    assert made.signature and made.signature.text == "领取洁牙" and made.slip_number == ""


def test_a_service_is_collected_once(vip: Membership) -> None:
    claimed(vip, this_year(SCALING))
    assert "已于" in refusal(vip, this_year(SCALING)).message
    assert len(claimed(vip, this_year(SCALING, 2), this_year(SCALING, 2))) == 1


def test_all_or_none_are_collected(vip: Membership) -> None:
    claimed(vip, this_year(SCALING))
    refusal(vip, (FACIAL, "once:vip", 1, None), this_year(SCALING))
    assert Claim.objects.count() == 1


def test_gifts_are_not_collected_so(vip: Membership) -> None:
    found = refusal(vip, ("gift_100", "once:vip", 1, None))
    assert (found.code, found.field) == ("not_a_service", "services")


def test_nothing_chosen_or_nothing_brought_is_said(vip: Membership) -> None:
    assert refusal(vip).code == "nothing_chosen"
    assert refusal(vip, this_year("air_polishing")).code == "no_such_entitlement"


def test_what_a_review_holds_is_not_collected(senior: Membership) -> None:
    review(senior)
    assert refusal(senior, this_year(SCALING)).code == "entitlement_held"


def review(senior: Membership) -> None:
    """The payment that led to the level goes back."""
    paid = Receipt.objects.filter(patient=senior.patient).order_by("pk").first()
    assert paid
    refund(paid.number, "6000")


def test_a_lost_card_is_stopped_and_the_service_open_again(vip: Membership) -> None:
    (card,) = claimed(vip, this_year(SCALING))
    undone = stopped(card)
    assert undoing_of(card) == undone and use_of(card) is None
    assert state(vip, this_year(SCALING)) == "open"
    (fresh,) = claimed(vip, this_year(SCALING))
    assert fresh.code != card.code


def test_a_card_is_stopped_once(vip: Membership) -> None:
    (card,) = claimed(vip, this_year(SCALING))
    stopped(card)
    with pytest.raises(Refusal, match="这一项已经撤销"):
        stopped(card, Undoing.Kind.MISTAKE)


def test_a_number_that_is_taken_is_drawn_again(
    vip: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws = iter([5, 5, 6])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(draws))
    (one,) = claimed(vip, this_year(SCALING))
    (other,) = claimed(vip, this_year(SCALING, 2))
    assert (one.code, other.code) == (service_card_number(5), service_card_number(6))


def test_without_rules_nothing_is_collected(
    senior: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "rules_on", lambda _: None)
    assert refusal(senior, this_year(SCALING)).code == "no_rules"


def test_collecting_takes_a_bounded_number_of_statements(
    vip: Membership, django_assert_max_num_queries: Any
) -> None:
    keys = [this_year(SCALING), this_year(SCALING, 2), (FACIAL, "once:vip", 1, None)]
    by = user()
    with django_assert_max_num_queries(22):
        claim_services(membership=vip, keys=keys, proof=ON_PAPER, by=by, now=timezone.now())


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"code": "812345678901"}, "claim_card_has_code"),
        ({"code": None}, "claim_card_has_code"),
        ({"slip_number": ""}, "claim_has_proof"),
        ({"period": "2026年"}, "claim_period_known"),
        ({"ordinal": 0}, "claim_period_known"),
        ({}, "claim_once"),
    ],
)
def test_the_database_wants_number_proof_and_key(
    vip: Membership, changes: dict[str, Any], constraint: str
) -> None:
    (card,) = claimed(vip, this_year(SCALING))
    row = {
        "membership": vip,
        "item": card.item,
        "period": card.period,
        "ordinal": 2 if changes else 1,
        "delivery": "card",
        "code": service_card_number(7),
        "slip_number": "1",
        "claimed_at": timezone.now(),
        "by": card.by,
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Claim.objects.create(**{**row, **changes})
