"""A member's household: who belongs to it, by which document, one at a time (R15, C14)."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from members.models import Household, HouseholdPerson, Membership, Patient
from members.operations.households import add_person, leave_household
from members.queries import broken_rows
from members.queries.households import household_of
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.members import patient
from tests.factories.merging import linked
from tests.factories.points import member
from tests.factories.staff import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mother(scheme: object) -> Membership:
    return member(patient("H1"), name="周芷若")


@pytest.fixture
def child(scheme: object) -> Patient:
    return patient("H2", name="周小宝", birth_date="2020-05-01")


def added(
    membership: Membership,
    person: Patient,
    *,
    is_child: bool = True,
    relation: str = "儿子",
    seen: str = "household_register",
    by: User | None = None,
) -> HouseholdPerson:
    return add_person(
        membership=membership,
        patient=person,
        is_child=is_child,
        relation=relation,
        document_seen=seen,
        by=by or user(),
        now=timezone.now(),
    )


def left(person: HouseholdPerson, reason: str = "登记错了人", by: User | None = None) -> None:
    leave_household(person_id=person.pk, reason=reason, by=by or user(), now=timezone.now())


def names(membership: Membership) -> list[str]:
    return [person.patient.name for person in household_of(membership.patient_id).live]


def test_the_first_person_brings_the_household_with_the_member_in_it(
    mother: Membership, child: Patient
) -> None:
    person = added(mother, child)
    assert names(mother) == ["周芷若", "周小宝"]
    assert (person.relation, person.document_seen) == ("儿子", "household_register")
    assert household_of(child.pk).children == [person]
    assert list(broken_rows()) == []


def test_the_next_person_comes_into_the_same_household(mother: Membership, child: Patient) -> None:
    added(mother, child)
    added(mother, patient("H3", name="张无忌"), is_child=False, relation="丈夫")
    assert names(mother) == ["周芷若", "张无忌", "周小宝"] and Household.objects.count() == 1


def test_a_child_is_added_from_the_other_parents_page_as_well(
    mother: Membership, child: Patient
) -> None:
    father = member(patient("H3"), name="张无忌")
    added(mother, father.patient, is_child=False, relation="丈夫")
    added(father, child)
    assert names(mother) == names(father) == ["周芷若", "张无忌", "周小宝"]


def test_a_child_without_a_birth_date_is_refused(mother: Membership) -> None:
    with pytest.raises(Refusal, match="请先在档案里补上出生日期") as caught:
        added(mother, patient("H4"))
    assert caught.value.field == "birth_date" and not Household.objects.exists()


@pytest.mark.parametrize(
    ("relation", "seen", "field"),
    [("", "household_register", "relation"), ("儿子", "", "document_seen")],
)
def test_relation_and_document_are_named_when_missing(
    mother: Membership, child: Patient, relation: str, seen: str, field: str
) -> None:
    with pytest.raises(Refusal) as caught:
        added(mother, child, relation=relation, seen=seen)
    assert caught.value.field == field


def test_nobody_is_added_to_his_own_household(mother: Membership) -> None:
    with pytest.raises(Refusal, match="这是会员本人的档案"):
        added(mother, mother.patient, is_child=False)


def test_one_household_at_a_time_says_with_whom(mother: Membership, child: Patient) -> None:
    added(mother, child)
    other = member(patient("H5"), name="赵敏")
    with pytest.raises(Refusal, match="周小宝 已登记在一个家庭中（与周芷若一起），请先从那里移出"):
        added(other, child)


def test_another_file_of_the_same_person_is_that_person(mother: Membership, child: Patient) -> None:
    again = patient("H6", name="周小宝", birth_date="2020-05-01")
    added(mother, again)
    linked(child, again)
    with pytest.raises(Refusal, match="已登记在一个家庭中"):
        added(member(patient("H5")), child)
    assert [person.patient for person in household_of(child.pk).children] == [again]


def test_a_merged_file_is_not_added(mother: Membership, child: Patient) -> None:
    again = patient("H6", name="周小宝", birth_date="2020-05-01")
    linked(child, again)
    with pytest.raises(Refusal, match="已并入档案 .*H2"):
        added(mother, again)


def test_whoever_left_stays_on_record_with_the_reason(mother: Membership, child: Patient) -> None:
    person = added(mother, child)
    left(person, "随父亲另立家庭")
    view = household_of(mother.patient_id)
    assert [row.left_reason for row in view.left] == ["随父亲另立家庭"] and not view.children
    assert not household_of(child.pk).live
    added(member(patient("H5")), child)


def test_leaving_twice_says_who_was_first(mother: Membership, child: Patient) -> None:
    person = added(mother, child)
    left(person, by=user(name="刘芳"))
    with pytest.raises(Refusal, match="周小宝 已由刘芳于 .* 移出这个家庭"):
        left(person)


def test_leaving_needs_a_reason_and_a_person(mother: Membership, child: Patient) -> None:
    with pytest.raises(Refusal) as caught:
        left(added(mother, child), " ")
    assert caught.value.field == "reason"
    with pytest.raises(Refusal, match="没有这位家庭成员"):
        leave_household(person_id=0, reason="错", by=user(), now=timezone.now())


def test_the_household_is_read_in_one_statement(
    mother: Membership, child: Patient, django_assert_num_queries: object
) -> None:
    added(mother, child)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert [str(person) for person in household_of(mother.patient_id).live]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM members_householdperson", "家庭的登记不能修改或删除，只能移出"),
        ("DELETE FROM members_household", "家庭的登记不能修改或删除，只能移出"),
        ("UPDATE members_household SET made_at = now()", "家庭的登记不能修改或删除，只能移出"),
        (
            "UPDATE members_householdperson SET is_child = NOT is_child",
            "家庭的登记不能修改或删除，只能移出",
        ),
        ("TRUNCATE members_household CASCADE", "家庭的登记不能整表清空"),
        ("UPDATE members_householdperson SET left_at = now()", "household_person_left_whole"),
    ],
)
def test_the_database_keeps_the_record(
    mother: Membership, child: Patient, statement: str, sentence: str
) -> None:
    added(mother, child)
    with (
        pytest.raises(IntegrityError, match=sentence),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


@pytest.mark.parametrize("changes", [{"relation": ""}, {"document_seen": "x"}])
def test_the_database_wants_relation_and_document(
    mother: Membership, child: Patient, changes: dict[str, str]
) -> None:
    person = added(mother, child)
    row = {
        "household": person.household,
        "patient": patient("H9"),
        "is_child": False,
        "relation": "母亲",
        "document_seen": "other",
        "joined_at": timezone.now(),
        "by": person.by,
    }
    with pytest.raises(IntegrityError, match="household_person_whole"), transaction.atomic():
        HouseholdPerson.objects.create(**{**row, **changes})


def test_the_database_lets_nobody_into_two_households(mother: Membership, child: Patient) -> None:
    person = added(mother, child)
    now = timezone.now()
    home = Household.objects.create(made_at=now, made_by=person.by)
    with pytest.raises(IntegrityError, match="household_person_one_at_a_time"):
        HouseholdPerson.objects.create(
            household=home,
            patient=child,
            is_child=True,
            relation="儿子",
            document_seen="other",
            joined_at=now,
            by=person.by,
        )


@pytest.mark.parametrize(
    ("tampering", "sentence"),
    [
        ("DELETE FROM members_householdperson", "家庭 {home} 没有任何成员"),
        (
            "UPDATE members_householdperson SET relation = '女儿' WHERE is_child",
            "家庭成员的登记 {child} 与其修改记录的最后一条不同",
        ),
        (
            "UPDATE members_householdperson SET joined_at = joined_at - interval '1 day'"
            " WHERE is_child",
            "家庭成员的登记 {child} 的时间前后不符",
        ),
    ],
)
def test_the_books_tell_what_was_tampered_with(
    mother: Membership, child: Patient, tampering: str, sentence: str
) -> None:
    person = added(mother, child)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(tampering)
        cursor.execute("SET session_replication_role = origin")
    assert sentence.format(home=person.household_id, child=person.pk) in list(broken_rows())
