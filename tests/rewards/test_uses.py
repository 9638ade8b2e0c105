"""Who may use a service, what is recorded of it, and what it costs whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from members.models import HouseholdPerson, Membership, Patient
from points.operations.receipts import record_receipt
from points.rules import NewReceipt
from rewards.models import Use
from rewards.operations.uses import NewUse, Piece, use_services
from rewards.queries import entitlements_of_member
from rewards.rules import Key
from scheme.models import Item
from staff.exceptions import Refusal
from staff.models import Doctor, User
from staff.rules import business_day
from tests.factories.members import patient
from tests.factories.merging import merged
from tests.factories.points import member, receipt
from tests.factories.rewards import (
    ON_PAPER,
    claimed,
    doctor,
    family,
    priced,
    this_year,
    used,
)
from tests.factories.scheme import published

pytestmark = pytest.mark.django_db

SCALING = "ultrasonic_scaling"
CARD = "700000000019"


@pytest.fixture
def senior(scheme: object) -> Membership:
    priced(SCALING)
    return member(patient("S1", name="林平之"), "6000")


@pytest.fixture
def vip(scheme: object) -> Membership:
    priced(SCALING)
    return member(patient("V1", name="岳灵珊"), "12000")


@pytest.fixture
def friend(scheme: object) -> Patient:
    return patient("F1", name="令狐冲")


def state(membership: Membership, key: Key) -> str:
    today = business_day(timezone.now())
    found = entitlements_of_member(membership.pk, today)
    return next(each.state for each in found if each.key == key)


def refused(membership: Membership, key: Key, *args: object, **given: object) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        used(membership, key, *args, **given)  # type: ignore[arg-type]
    return refusal.value


def test_a_member_uses_a_service_once(senior: Membership) -> None:
    use = used(senior, this_year(SCALING))
    assert (use.kind, use.beneficiary_id) == ("own", senior.patient_id)
    assert {use.list_price, use.waived, use.cost} == {Decimal(300)}
    assert (use.bearer, use.slip_number, use.settlement) == ("marketing", "P0001", None)
    assert (use.fee_waived, use.as_vip) == (False, False)
    assert state(senior, this_year(SCALING)) == "used"
    again = refused(senior, this_year(SCALING))
    assert (again.code, again.status) == ("entitlement_taken", 409)


def test_what_the_level_does_not_bring_is_refused(senior: Membership) -> None:
    assert refused(senior, this_year("air_polishing")).code == "no_such_entitlement"


def test_two_kinds_of_services_are_two_uses(vip: Membership) -> None:
    pieces = [Piece(this_year(SCALING)), Piece(("facial_care", "once:vip", 1, None))]
    for chosen in (pieces, []):
        with pytest.raises(Refusal, match="一次一种"):
            use_services(
                membership=vip,
                beneficiary=vip.patient,
                new=NewUse(chosen, doctor(), proof=ON_PAPER),
                by=User.objects.system(),
                now=timezone.now(),
            )


def test_it_is_given_to_a_new_patient_who_pays_no_registration_fee(
    senior: Membership, friend: Patient
) -> None:
    receipt(friend, "80")  # what is paid today makes nobody an old patient
    use = used(senior, this_year(SCALING), friend)
    assert (use.kind, use.beneficiary, use.fee_waived) == ("transfer", friend, True)
    assert use.as_vip is False
    assert state(senior, this_year(SCALING)) == "used"


def test_a_friend_who_was_here_before_is_not_new(senior: Membership, friend: Patient) -> None:
    receipt(friend, "80", at=timezone.now() - timedelta(days=2))
    assert used(senior, this_year(SCALING), friend).fee_waived is False


def test_r35_the_guest_of_a_vip_is_received_as_one(vip: Membership, friend: Patient) -> None:
    assert used(vip, this_year(SCALING), friend).as_vip is True
    assert used(vip, this_year(SCALING, 2)).as_vip is False


def test_a_child_of_the_household_uses_its_own_item(scheme: object) -> None:
    priced("child_anti_caries", "120")
    parent = member(patient("D1"), "20000")
    child = patient("D2", birth_date="2019-05-01", name="岳小山")
    family(parent.patient, child)
    key = this_year("child_anti_caries", child=child)
    wrong = refused(parent, key, parent.patient)
    assert (wrong.code, wrong.field) == ("use_by_right_person", "beneficiary")
    use = used(parent, key, child)
    assert (use.kind, use.child, use.beneficiary, use.household) == ("child", child, child, None)


def test_c14_one_a_household_is_kept_with_the_household(db: None) -> None:
    published(child_item_scope='"per_household"')
    priced("child_anti_caries", "120")
    parent = member(patient("D1"), "20000")
    one, other = (patient(name, birth_date="2019-05-01") for name in ("D2", "D3"))
    home = family(parent.patient, one, other)
    assert used(parent, this_year("child_anti_caries", child=one), one).household == home
    assert state(parent, this_year("child_anti_caries", child=other)) == "used"


def test_without_signature_slip_or_card_it_is_refused(senior: Membership) -> None:
    missing = refused(senior, this_year(SCALING), proof=None)
    assert (missing.code, missing.field) == ("proof_missing", "slip_number")


def test_what_was_noted_as_collected_is_used_without_another_proof(senior: Membership) -> None:
    claim = claimed(senior, this_year(SCALING))
    use = used(senior, this_year(SCALING), proof=None)
    assert (use.claim, use.slip_number) == (claim, "")


def test_what_is_on_a_card_is_used_with_that_card(senior: Membership) -> None:
    claim = claimed(senior, this_year(SCALING), code=CARD)
    missing = refused(senior, this_year(SCALING))
    assert (missing.code, missing.field) == ("card_missing", "card_code")
    another = refused(senior, this_year(SCALING), card_code="700000000027")
    assert (another.code, another.field) == ("another_card", "card_code")
    assert used(senior, this_year(SCALING), proof=None, card_code=CARD).claim == claim


def test_c40_what_a_merged_file_collected_is_used_by_whom_it_is_now(vip: Membership) -> None:
    double = member(patient("V2"), "6000")
    claim = claimed(double, this_year(SCALING), code=CARD)
    merged(vip.patient, double.patient)
    use = used(vip, this_year(SCALING), proof=None, card_code=CARD)
    assert (use.claim, use.membership, use.kind) == (claim, double, "own")


def test_what_the_other_parent_collected_is_used_with_the_other_parents_card(
    scheme: object,
) -> None:
    priced("child_anti_caries", "120")
    mother, father = (member(patient(name), "20000") for name in ("D1", "D3"))
    child = patient("D2", birth_date="2019-05-01")
    home = family(mother.patient, child)
    HouseholdPerson.objects.create(
        household=home,
        patient=father.patient,
        is_child=False,
        relation="丈夫",
        document_seen="marriage_certificate",
        joined_at=timezone.now(),
        by=User.objects.system(),
    )
    key = this_year("child_anti_caries", child=child)
    claimed(mother, key, code=CARD)
    assert refused(father, key, child, card_code=CARD).code == "entitlement_superseded"
    assert used(mother, key, child, proof=None, card_code=CARD).membership == mother


def test_a_card_for_what_was_never_collected_is_refused(senior: Membership) -> None:
    assert refused(senior, this_year(SCALING), card_code=CARD).code == "another_card"


def test_r39_where_cards_are_printed_the_card_comes_first(db: None) -> None:
    published(service_delivery='"card"')
    priced(SCALING)
    senior = member(patient("S1"), "6000")
    first = refused(senior, this_year(SCALING))
    assert (first.code, first.status) == ("card_first", 409)
    claimed(senior, this_year(SCALING), code=CARD)
    assert used(senior, this_year(SCALING), card_code=CARD).claim


def test_a_card_printed_before_stays_good_when_the_scheme_changes_to_the_e_file(
    senior: Membership,
) -> None:
    claimed(senior, this_year(SCALING), code=CARD)
    assert used(senior, this_year(SCALING), proof=None, card_code=CARD).claim


def test_a_price_that_the_list_does_not_name_is_asked_for(senior: Membership) -> None:
    Item.objects.filter(code=SCALING).update(list_price=None)
    missing = refused(senior, this_year(SCALING))
    assert (missing.code, missing.field) == ("price_missing", "list_price")
    assert used(senior, this_year(SCALING), list_price=Decimal(260)).waived == 260


def test_a_price_of_the_list_is_not_changed_at_the_desk(senior: Membership) -> None:
    listed = refused(senior, this_year(SCALING), list_price=Decimal(260))
    assert (listed.code, listed.field) == ("price_is_listed", "list_price")


def test_a_doctor_who_left_treats_nobody(senior: Membership) -> None:
    left = refused(senior, this_year(SCALING), doctor=doctor(is_active=False))
    assert (left.code, left.field) == ("doctor_left", "doctor")


def test_nothing_is_used_where_only_teeth_are_wrong(senior: Membership) -> None:
    assert refused(senior, this_year(SCALING), tooth="16").code == "no_teeth"


class TestWhoBearsIt:
    """C30: marketing, or the member's own doctor."""

    @pytest.fixture
    def own(self, db: None) -> Doctor:
        published(cost_bearer='"doctor"', price_basis='"cost"')
        priced(SCALING, "300", "80")
        return doctor("口腔科", number="D77")

    def paid_by(self, own: Doctor | None, **given: object) -> Use:
        membership = member(patient("B1"), "12000")
        if own:
            receipt_of(membership.patient, own.staff_number)
        return used(membership, given.pop("key", this_year(SCALING)))  # type: ignore[arg-type]

    def test_the_members_own_doctor_at_cost(self, own: Doctor) -> None:
        use = self.paid_by(own)
        assert (use.bearer, use.bearer_doctor, use.cost) == ("doctor", own, Decimal(80))
        assert {use.list_price, use.waived} == {Decimal(300)}

    def test_marketing_where_no_doctor_is_known(self, own: Doctor) -> None:
        use = self.paid_by(None)
        assert (use.bearer, use.bearer_doctor) == ("marketing", None)

    def test_the_price_list_where_the_cost_is_not_known(self, own: Doctor) -> None:
        priced(SCALING, "300")
        assert self.paid_by(own).cost == 300

    @pytest.mark.parametrize("departments, bearer", [([], "doctor"), (["美容科"], "marketing")])
    def test_marketing_for_what_another_department_does(
        self, own: Doctor, departments: list[str], bearer: str
    ) -> None:
        priced("facial_care", "200", "50")
        for name in departments:
            doctor(name)
        use = self.paid_by(own, key=("facial_care", "once:vip", 1, None))
        assert (use.bearer, use.cost) == (bearer, Decimal(50))


def receipt_of(file: Patient, staff_number: str) -> None:
    """A receipt that names a doctor."""
    now = timezone.now()
    record_receipt(
        new=NewReceipt(
            number=f"R-{staff_number}",
            file_number=file.file_number,
            amount=Decimal(10),
            paid_at=now,
            doctor_number=staff_number,
        ),
        by=User.objects.system(),
        now=now,
    )
