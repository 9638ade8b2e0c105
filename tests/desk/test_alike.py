"""Files that agree with what is being typed (C40)."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests.desk.words import words
from tests.factories.members import patient, resident_id
from tests.factories.merging import linked
from tests.factories.points import member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

ALIKE = reverse("files_alike")
ID = resident_id("19850312", serial=21)


def test_the_same_phone_person_or_document_is_shown_with_a_link(as_front_desk: Client) -> None:
    phone = patient("A1", name="王一", phone="13887430301")
    person = patient("A2", name="王二", birth_date="1985-03-12")
    document = patient("A3", name="王三", document_type="resident_id", id_number=ID)
    patient("A4", name="王二", birth_date="1985-03-13", phone="13887430302")
    typed = {
        "name": "王二",
        "birth_date": "1985.3.12",
        "phone": "１３８８７４３０３０１",
        "document_type": "resident_id",
        "id_number": ID.lower(),
    }
    response = as_front_desk.post(ALIKE, typed)
    page, source = words(response), response.content.decode()
    assert "王一（A1），在新窗口打开" in page and "电话相同" in page
    assert "姓名和出生日期相同" in page and "证件相同" in page and "A4" not in page
    for file in (phone, person, document):
        assert f'href="{reverse("patient", args=[file.pk])}"' in source
    assert ID not in source and "13887430301" not in source
    assert page.index("A3") < page.index("A1")


def test_half_typed_numbers_and_empty_fields_fit_nobody(as_front_desk: Client) -> None:
    patient("A1", name="王一")
    for typed in ({}, {"phone": "138"}, {"id_number": ID[:10]}, {"name": "王一"}, {"name": "\x00"}):
        assert as_front_desk.post(ALIKE, typed).content.strip() == b""


def test_the_file_itself_and_what_went_into_it_are_left_out(as_front_desk: Client) -> None:
    kept, gone = (patient(number, phone="13887430303") for number in ("B1", "B2"))
    linked(kept, gone)
    url = reverse("files_alike_besides", args=[kept.pk])
    assert as_front_desk.post(url, {"phone": "13887430303"}).content.strip() == b""
    page = words(as_front_desk.post(ALIKE, {"phone": "13887430303"}))
    assert "B1" in page and "B2" not in page


def test_c40_what_only_a_merged_file_agrees_in_counts_for_the_one_that_is_left(
    as_front_desk: Client,
) -> None:
    kept = patient("B3", phone="13887430305")
    linked(kept, patient("B4", id_number=ID))
    typed = {"phone": "13887430305", "document_type": "resident_id", "id_number": ID}
    page = words(as_front_desk.post(ALIKE, typed))
    assert "电话相同" in page and "证件相同" in page and "B4" not in page


def test_a_member_is_said_to_be_one(as_front_desk: Client) -> None:
    number = member(patient("C1"), id_number=ID).number
    typed = {"document_type": "resident_id", "id_number": ID}
    assert f"已是会员，会员号 {number}" in words(as_front_desk.post(ALIKE, typed))


def test_a_family_with_one_phone_takes_one_query(
    as_front_desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(9):
        patient(f"D{number}", phone="13887430304")
    with django_assert_max_num_queries(8):
        page = words(as_front_desk.post(ALIKE, {"phone": "13887430304"}))
    assert page.count("电话相同") == 5
