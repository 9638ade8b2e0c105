"""Who is found by what is typed, and in which order."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desk.queries import search as searching
from desk.queries.search import search
from members.operations.patients import save_patient
from staff.models import User
from staff.rules import business_day
from tests.desk.words import words
from tests.factories.members import patient, resident_id
from tests.factories.merging import merged
from tests.factories.points import corrected, member, receipt

NUMBERS = [
    "A100",
    "a100",
    "Ａ１００",
    "13887430101",
    "138-8743-0101",
    "１３８８７４３０１０１",
    "0101",
]
NAMES = ["曾", "曾国", "国藩", "zgf", "cgf", "zeng", "ceng", "cenggf", "曾  国藩", "　国藩　"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

SEARCH = reverse("search")


def found(typed: str) -> list[str]:
    """File numbers in the order they are shown."""
    hits = search(typed, today=business_day(timezone.now()))
    return [hit.patient.file_number for hit in hits.rows]


class TestFinding:
    @pytest.mark.parametrize("typed", NUMBERS + NAMES)
    def test_a_patient_is_found_by_every_number_and_part_of_the_name(self, typed: str) -> None:
        patient("A100", name="曾国藩", phone="13887430101")
        patient("A200", name="李秀英", phone="13887430202")
        assert found(typed) == ["A100"]

    def test_a_file_number_may_hold_characters(self) -> None:
        patient("门诊-12", name="李兴旺")
        assert found("门诊-12") == found("门诊－１２") == ["门诊-12"]

    def test_a_document_is_found_whole_and_by_its_last_four(self) -> None:
        number = next(n for n in iter(resident_id, "") if n.endswith("X"))
        patient("A1", id_number=number)
        patient("A2", id_number="E12345678", document_type="passport")
        for typed in (number, number.lower(), number[-4:], number[-4:].lower()):
            assert found(typed) == ["A1"]
        for typed in ("E12345678", "e12345678", "5678"):
            assert found(typed) == ["A2"]
        patient("A3", id_number="M530-900123", document_type="other")
        assert found("m530-900123") == ["A3"]

    def test_a_member_is_found_by_member_number_and_card(self) -> None:
        membership = member(patient("A1"), "1000")
        patient("A2")
        card = membership.cards.get().number
        for typed in (membership.number, card, f"{card[:4]} {card[4:8]} {card[8:]}"):
            assert found(typed) == ["A1"]

    @pytest.mark.parametrize("typed", ["", "　 ", "·", "\x00", "a\x00b", "\ud800", "%", "_", "王%"])
    def test_signs_alone_find_nobody(self, typed: str) -> None:
        patient(name="李兴旺")
        assert found(typed) == []

    def test_one_character_is_a_surname_or_failing_that_a_part_of_the_name(self) -> None:
        patient("A1", name="王建国")
        patient("A2", name="李王生")
        assert found("王") == ["A1"]
        assert found("生") == ["A2"]

    def test_a_changed_name_is_found_and_the_old_one_is_not(self) -> None:
        patient("A1", name="李兴旺")
        patient("A1", name="翟兴旺")
        assert found("zhaixw") == found("di") == ["A1"]
        assert found("li") == found("李") == []


class TestOrder:
    def test_who_came_last_comes_first(self) -> None:
        now = timezone.now()
        for number, days in (("A1", 30), ("A2", 1), ("A3", 9)):
            receipt(patient(number, name="王一"), "10", at=now - timedelta(days=days))
        patient("A4", name="王一")
        assert found("王") == found("wang") == found("wy") == ["A2", "A3", "A1", "A4"]

    def test_a_receipt_taken_back_is_no_visit(self) -> None:
        now = timezone.now()
        receipt(patient("A1", name="王一"), "10", at=now - timedelta(days=3))
        receipt(patient("A2", name="王二"), "10", number="S1")
        corrected("S1", void=True)
        assert found("王") == ["A1", "A2"]

    @pytest.mark.parametrize("typed", ["王", "wang", "w"])
    def test_a_frequent_name_is_found_among_the_newest_receipts(
        self, monkeypatch: pytest.MonkeyPatch, typed: str
    ) -> None:
        now = timezone.now()
        for number in range(6):
            file = patient(f"A{number}", name="王一")
            receipt(file, "10", at=now - timedelta(days=number))
        patient("B", name="李一")
        everyone = found(typed)
        monkeypatch.setattr(searching, "_FEW", 3)
        hits = search(typed, today=business_day(now), at_most=4)
        assert [hit.patient.file_number for hit in hits.rows] == everyone[:4]
        assert hits.cut
        monkeypatch.setattr(searching, "_NEWEST_RECEIPTS", 2)
        assert found(typed) == everyone == [f"A{number}" for number in range(6)]

    def test_the_exact_number_comes_before_tails(self) -> None:
        receipt(patient("B", phone="13887430101"), "10")
        patient("0101")
        assert found("0101") == ["0101", "B"]


class TestMergedFiles:
    def test_both_numbers_and_names_find_the_one_file(self) -> None:
        kept, absorbed = patient("A", name="李明"), patient("B", name="李敏")
        merged(kept, absorbed)
        assert found("B") == found("李敏") == found("limin") == found("李") == ["A"]

    def test_a_phone_of_both_shows_the_file_once(self) -> None:
        kept, absorbed = (patient(n, phone="13987451234") for n in "AB")
        merged(kept, absorbed)
        assert found("13987451234") == found("1234") == ["A"]

    def test_a_visit_under_the_merged_file_counts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = timezone.now()
        kept, absorbed = patient("A", name="李明"), patient("B", name="李敏")
        receipt(patient("C", name="李三"), "10", at=now - timedelta(days=2))
        receipt(absorbed, "10", at=now - timedelta(days=1))
        merged(kept, absorbed)
        assert found("李") == found("li") == ["A", "C"]
        monkeypatch.setattr(searching, "_FEW", 1)
        assert [hit.patient.file_number for hit in first_two("li").rows] == ["A", "C"]

    def test_the_merged_number_is_said(self, as_front_desk: Client) -> None:
        kept, absorbed = patient("A1"), patient("B1")
        merged(kept, absorbed)
        response = as_front_desk.post(SEARCH, {"q": "B1"}, follow=True)
        assert "档案号 B1 已并入 A1" in words(response)


def first_two(typed: str) -> searching.Hits:
    return search(typed, today=business_day(timezone.now()), at_most=2)


def test_a_name_written_elsewhere_is_found_by_its_new_keys_alone() -> None:
    someone = patient("A1", name="单明")
    save_patient(
        file_number="A1",
        given={"name": "单于明"},
        by=User.objects.system(),
        now=timezone.now(),
    )
    keys = set(someone.search_keys.values_list("key", flat=True))
    assert "chanyuming" in keys and "shanming" not in keys
