"""What points bought is used piece by piece, a tooth each (R23, R25)."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import Membership, Patient
from rewards.models import Redemption, Use
from rewards.operations.uses import NewUse, Piece, use_services
from scheme.models import Scheme
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.points import receipt
from tests.factories.rewards import ON_PAPER, doctor, priced
from tests.factories.scheme import published
from tests.rewards.bought import bought, given_back, spender

pytestmark = pytest.mark.django_db

SEALANT = "fissure_sealant"


@pytest.fixture(autouse=True)
def both_plans(db: None) -> Scheme:
    scheme = published("qujing_dental_both")
    priced(SEALANT, "150")
    return scheme


@pytest.fixture
def rich() -> Membership:
    return spender("9000", "P1")


@pytest.fixture
def child() -> Patient:
    return patient("C1", name="岳小山", birth_date="2019-05-01")


def sealed(
    member: Membership, redemption: Redemption, child: Patient, teeth: Sequence[str], first: int = 1
) -> list[Use]:
    period = f"redemption:{redemption.pk}"
    pieces = [
        Piece((redemption.item.code, period, nth, None), tooth)
        for nth, tooth in enumerate(teeth, first)
    ]
    return use_services(
        membership=member,
        beneficiary=child,
        new=NewUse(pieces, doctor(), proof=ON_PAPER),
        by=User.objects.system(),
        now=timezone.now(),
    )


def refused(*args: object, **given: object) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        sealed(*args, **given)  # type: ignore[arg-type]
    return refusal.value


def test_two_teeth_are_two_pieces_in_one_step(rich: Membership, child: Patient) -> None:
    redemption = bought(rich, SEALANT, quantity=2).redemption
    uses = sealed(rich, redemption, child, ["36", "46"])
    assert [(use.ordinal, use.tooth, use.kind) for use in uses] == [
        (1, "36", "transfer"),
        (2, "46", "transfer"),
    ]
    assert refused(rich, redemption, child, ["16"]).code == "entitlement_taken"


def test_one_tooth_now_and_another_later_but_never_the_same(
    rich: Membership, child: Patient
) -> None:
    redemption = bought(rich, SEALANT, quantity=2).redemption
    sealed(rich, redemption, child, ["36"])
    again = refused(rich, redemption, child, ["36"], first=2)
    assert (again.code, again.field) == ("tooth_twice", "teeth")
    assert sealed(rich, redemption, child, ["46"], first=2)


@pytest.mark.parametrize("tooth, code", [("", "tooth_missing"), ("99", "no_such_tooth")])
def test_without_a_tooth_that_there_is_nothing_is_used(
    rich: Membership, child: Patient, tooth: str, code: str
) -> None:
    redemption = bought(rich, SEALANT).redemption
    wrong = refused(rich, redemption, child, [tooth])
    assert (wrong.code, wrong.field) == (code, "teeth")


def test_one_tooth_too_many_uses_none(rich: Membership, child: Patient) -> None:
    redemption = bought(rich, SEALANT).redemption
    assert refused(rich, redemption, child, ["36", "46"]).code == "no_such_entitlement"
    assert not Use.objects.exists()


def test_what_was_cancelled_is_not_used(rich: Membership, child: Patient) -> None:
    redemption = bought(rich, SEALANT).redemption
    given_back(redemption.number)
    assert refused(rich, redemption, child, ["36"]).status == 409


def test_many_pieces_take_as_many_statements_as_one(rich: Membership, child: Patient) -> None:
    receipt(child, "10")
    doctor()  # and the department
    counts = []
    for teeth in (["36"], ["16", "26", "46"]):
        redemption = bought(rich, SEALANT, quantity=len(teeth)).redemption
        with CaptureQueriesContext(
            connection,
        ) as asked:
            sealed(rich, redemption, child, teeth)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 24
