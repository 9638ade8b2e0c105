"""Files that may be of one person: shown until someone merges them or says they are two (C40)."""

from typing import Any

import pytest

from members.models import DistinctFiles
from members.operations.merging import mark_distinct
from members.queries import suspects
from staff.exceptions import Refusal
from tests.factories.members import patient, resident_id
from tests.factories.merging import asked_merge, decided, linked
from tests.factories.staff import user

pytestmark = pytest.mark.django_db


class TestSuspects:
    def pairs(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [
            (found.first.file_number, found.second.file_number, found.reasons)
            for found in suspects("1")
        ]

    def test_what_is_shared_is_said(self) -> None:
        born: dict[str, Any] = {"birth_date": "1985-03-12"}
        patient("A", name="甲", phone="13987451234", **born)
        patient("B", name="乙", phone="13987451234", **born)
        patient("C", name="甲", **born)
        patient("D", name="甲", birth_date="1985-03-13")
        number = resident_id(born="19900101")
        patient("E", name="戊", id_number=number)
        patient("F", name="己", id_number=number)
        assert self.pairs() == [
            ("E", "F", ("document",)),
            ("A", "B", ("phone",)),
            ("A", "C", ("name",)),
        ]

    def test_all_reasons_stand_on_one_line(self) -> None:
        given: dict[str, Any] = {"id_number": resident_id(), "phone": "13987451234"}
        patient("A", **given), patient("B", **given)
        assert self.pairs() == [("A", "B", ("document", "phone", "name"))]

    def test_nothing_known_is_nothing_shared(self) -> None:
        patient("A"), patient("B")
        assert self.pairs() == []

    def test_merged_asked_and_marked_pairs_are_left_out(self) -> None:
        born: dict[str, Any] = {"birth_date": "1985-03-12"}
        for name in "甲乙丙":
            one, other = patient(name=name, **born), patient(name=name, **born)
            if name == "甲":
                linked(one, other)
            elif name == "乙":
                asked_merge(one, other)
            else:
                pair = (other.file_number, one.file_number)
                mark_distinct(file_numbers=pair, reason="已核对证件", by=user())
        assert self.pairs() == []

    def test_a_refused_pair_comes_back(self) -> None:
        born: dict[str, Any] = {"birth_date": "1985-03-12"}
        merge = asked_merge(patient("A", **born), patient("B", **born))
        decided(merge.approval_id, "refuse")
        assert self.pairs() == [("A", "B", ("name",))]


class TestMarking:
    def test_the_same_again_is_the_same_record(self) -> None:
        patient("A"), patient("B")
        first = mark_distinct(file_numbers=("A", "B"), reason="孪生姐妹", by=user())
        again = mark_distinct(file_numbers=("B", "A"), reason="孪生", by=user())
        assert first == again == DistinctFiles.objects.get(reason="孪生姐妹")

    def test_files_that_are_merged_or_asked_for_are_not_marked(self) -> None:
        linked(patient("A"), patient("B"))
        asked_merge(patient("C"), patient("D"))
        for pair, said in [(("A", "B"), "档案 B 已并入 A"), (("C", "D"), "正在等待审批")]:
            with pytest.raises(Refusal, match=said):
                mark_distinct(file_numbers=pair, reason="两个人", by=user())
