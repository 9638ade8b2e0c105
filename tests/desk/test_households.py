"""A member's household at the desk: adding a child with or without a file, taking somebody out."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import HouseholdPerson, Membership, Patient
from members.operations.households import add_person
from tests.desk.words import words
from tests.factories.members import patient
from tests.factories.merging import linked
from tests.factories.points import member
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

PLACE = {"relation": "儿子", "who": "child", "document_seen": "household_register"}


@pytest.fixture
def mother(scheme: object) -> Membership:
    return member(patient("H1"), name="周芷若")


@pytest.fixture
def child(scheme: object) -> Patient:
    return patient("H2", name="周小宝", birth_date=birthday(6))


def birthday(age: int) -> str:
    """Of somebody who turned this old some days ago."""
    day = timezone.localdate() - timedelta(days=10)
    return day.replace(year=day.year - age, day=min(day.day, 28)).isoformat()


def page_of(mother: Membership) -> str:
    return reverse("household", args=[mother.patient_id])


def adding(mother: Membership, person: Patient) -> str:
    return f"{reverse('household_add', args=[mother.patient_id])}?file={person.pk}"


def added(browser: Client, mother: Membership, person: Patient, **typed: str) -> Any:
    return browser.post(adding(mother, person), PLACE | typed, follow=True)


def in_household(mother: Membership, person: Patient) -> HouseholdPerson:
    return add_person(
        membership=mother,
        patient=person,
        is_child=True,
        relation="儿子",
        document_seen="other",
        by=user(),
        now=timezone.now(),
    )


def test_a_child_with_a_file_is_found_and_added(
    as_front_desk: Client, mother: Membership, child: Patient
) -> None:
    find = reverse("household_find", args=[mother.patient_id])
    found = as_front_desk.post(find, {"q": "周小宝"})
    assert found.headers["Location"] == adding(mother, child)
    form = as_front_desk.get(adding(mother, child))
    assert "周小宝" in words(form) and form.context["form"]["who"].value() == "child"
    done = words(added(as_front_desk, mother, child))
    assert "已登记周小宝（儿子），儿童项目可用到" in done and "查验户口簿" in done
    assert HouseholdPerson.objects.live().count() == 2


def test_several_who_fit_are_listed_to_choose_from(
    as_front_desk: Client, mother: Membership, child: Patient
) -> None:
    patient("H3", name="周小宝")
    find = reverse("household_find", args=[mother.patient_id])
    page = as_front_desk.post(find, {"q": "周小宝"})
    assert adding(mother, child) in page.content.decode() and "请选择" in words(page)
    live = as_front_desk.post(
        reverse("household_find_live", args=[mother.patient_id]), {"q": "周小宝"}
    )
    assert f'data-href="{adding(mother, child)}"' in live.content.decode()
    assert "没有找到" in words(as_front_desk.post(find, {"q": "无此人"}))
    assert as_front_desk.get(find).headers["Location"] == page_of(mother)


def test_a_child_without_a_file_gets_one_with_the_household(
    as_front_desk: Client, mother: Membership
) -> None:
    new = reverse("household_new", args=[mother.patient_id])
    assert as_front_desk.post(new, {"typed": "周小宝"}).context["form"]["name"].value() == "周小宝"
    given = PLACE | {
        "file_number": "H7",
        "name": "周小宝",
        "birth_date": birthday(3),
        "document_type": "resident_id",
    }
    refused = as_front_desk.post(new, given | {"birth_date": ""})
    assert "请先在档案里补上出生日期" in words(refused)
    assert not Patient.objects.filter(file_number="H7").exists()
    done = words(as_front_desk.post(new, given, follow=True))
    assert "已登记周小宝（儿子）" in done
    assert Patient.objects.get(file_number="H7").households.get().is_child


def test_a_number_that_has_a_file_leads_to_adding_that_one(
    as_front_desk: Client, mother: Membership, child: Patient
) -> None:
    given = PLACE | {
        "file_number": "H2",
        "name": "周大宝",
        "birth_date": birthday(3),
        "document_type": "resident_id",
    }
    page = as_front_desk.post(reverse("household_new", args=[mother.patient_id]), given)
    assert "添加已有的档案 H2" in words(page) and adding(mother, child) in page.content.decode()


def test_a_child_without_a_birth_date_leads_to_its_file(
    as_front_desk: Client, mother: Membership
) -> None:
    nameless = patient("H4", name="周小宝")
    page = added(as_front_desk, mother, nameless)
    assert "请先在档案里补上出生日期" in words(page)
    assert reverse("change_patient", args=[nameless.pk]) in page.content.decode()


def test_somebody_too_old_is_said(as_front_desk: Client, mother: Membership) -> None:
    grown = patient("H4", name="周大宝", birth_date=birthday(13))
    assert as_front_desk.get(adding(mother, grown)).context["form"]["who"].value() == "adult"
    done = words(added(as_front_desk, mother, grown))
    assert "年龄已超过，儿童项目到" in done and "已超龄" in done


def test_what_is_missing_is_said_at_its_field(
    as_front_desk: Client, mother: Membership, child: Patient
) -> None:
    page = words(added(as_front_desk, mother, child, relation="", who="", document_seen=""))
    for said in ("请填写与会员的关系", "请选择儿童还是成人", "请选择查验的证件"):
        assert said in page
    again = added(as_front_desk, mother, mother.patient)
    assert "这是会员本人的档案" in words(again)


def test_somebody_is_taken_out_with_the_reason(
    as_front_desk: Client, mother: Membership, child: Patient
) -> None:
    person = in_household(mother, child)
    leave = reverse("leave_household", args=[mother.patient_id, person.pk])
    assert leave in as_front_desk.get(page_of(mother)).content.decode()
    assert "周小宝（儿子）" in words(as_front_desk.get(leave))
    assert "请填写移出原因" in words(as_front_desk.post(leave, {"reason": ""}))
    done = words(as_front_desk.post(leave, {"reason": "登记错了人"}, follow=True))
    assert "已将周小宝移出这个家庭" in done and "登记错了人" in done
    assert as_front_desk.get(leave).status_code == 404


def test_nobody_of_another_household_is_taken_out_from_here(
    as_front_desk: Client, mother: Membership, child: Patient
) -> None:
    person = in_household(mother, child)
    other = member(patient("H8"))
    leave = reverse("leave_household", args=[other.patient_id, person.pk])
    assert as_front_desk.post(leave, {"reason": "x"}).status_code == 404


def test_the_member_page_and_the_childs_show_the_household(
    as_front_desk: Client, mother: Membership, child: Patient
) -> None:
    in_household(mother, child)
    page = as_front_desk.get(reverse("patient", args=[mother.patient_id]))
    assert "周小宝" in words(page) and page_of(mother) in page.content.decode()
    assert "周芷若" in words(as_front_desk.get(reverse("patient", args=[child.pk])))
    assert "家人请在会员的病人页登记" in words(
        as_front_desk.get(reverse("household", args=[child.pk]))
    )


def test_a_merged_file_leads_to_the_one_that_is_left(
    as_front_desk: Client, mother: Membership, child: Patient
) -> None:
    again = patient("H9")
    linked(mother.patient, again)
    seen = as_front_desk.get(reverse("household", args=[again.pk]))
    assert seen.headers["Location"] == page_of(mother)


@pytest.mark.parametrize("file", ["", "x", "9" * 30, "0"])
def test_an_unknown_file_is_not_found(as_front_desk: Client, mother: Membership, file: str) -> None:
    address = reverse("household_add", args=[mother.patient_id])
    assert as_front_desk.get(address, {"file": file}).status_code == 404


def test_only_a_member_brings_a_household(as_front_desk: Client, child: Patient) -> None:
    for name in ("household_new", "household_add"):
        assert as_front_desk.get(reverse(name, args=[child.pk])).status_code == 404


def test_a_doctor_sees_it_and_changes_nothing(
    as_doctor: Client, mother: Membership, child: Patient
) -> None:
    in_household(mother, child)
    page = as_doctor.get(page_of(mother))
    assert "周小宝" in words(page) and "移出" not in words(page)
    assert as_doctor.get(adding(mother, child)).status_code == 403
