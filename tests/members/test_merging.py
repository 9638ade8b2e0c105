"""Two files of one person made one, and parted again (C40)."""

import pytest
from django.db import connection
from django.utils import timezone

from members.models import FileMerge, Membership, Patient
from members.operations.cards import make_first_cards
from members.operations.merging import (
    link,
    request_merge,
    request_undo,
    unlink,
    withdraw_request,
)
from members.operations.patients import save_patient
from members.queries import (
    broken_rows,
    live_merges_into,
    patient_by_file_number,
)
from staff.exceptions import Refusal
from staff.models import Approval, User
from tests.factories.members import patient
from tests.factories.merging import asked_merge, asked_undo, decided, linked, unlinked
from tests.factories.staff import user

pytestmark = pytest.mark.django_db


def refusal_of(kept: str, absorbed: str, reason: str = "同一人") -> tuple[str, int, str]:
    with pytest.raises(Refusal) as refused:
        request_merge(
            kept_number=kept, absorbed_number=absorbed, reason=reason, by=user(), now=timezone.now()
        )
    return refused.value.code, refused.value.status, refused.value.message


def refusal_of_undo(merge_id: int) -> tuple[str, int, str]:
    with pytest.raises(Refusal) as refused:
        request_undo(merge_id=merge_id, reason="两个人", by=user(), now=timezone.now())
    return refused.value.code, refused.value.status, refused.value.message


def made_member(file: Patient, number: str) -> Membership:
    """A member as far as the file goes, without any points."""
    index = f"{file.pk:064d}"
    Patient.objects.filter(pk=file.pk).update(
        document_type="passport",
        document_number=number,
        document_index=index,
        document_last4=number[-4:],
    )
    member = Membership.objects.create(
        patient=file,
        number=number,
        document_type="passport",
        document_index=index,
        accepts_follow_up=True,
        accepts_post=True,
        accepts_activities=True,
        signed_on="2020-01-01",
        joined_on="2020-01-01",
        enrolled_by=User.objects.system(),
    )
    make_first_cards(memberships=[member], by=User.objects.system(), now=timezone.now())
    return member


def roots() -> dict[str, str]:
    """Where every file points, and no guard has anything against it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    found = Patient.objects.select_related("merged_into")
    return {file.file_number: (file.merged_into or file).file_number for file in found}


class TestAsking:
    def test_a_request_waits_for_a_manager_and_changes_nothing(self) -> None:
        kept, absorbed = patient("A"), patient("B")
        merge = asked_merge(kept, absorbed)
        assert merge.approval.is_waiting
        assert merge.approval.summary == "张三丰：档案 B 并入 A"
        assert roots() == {"A": "A", "B": "B"}

    def test_one_file_is_not_merged_with_itself(self) -> None:
        patient("A")
        assert refusal_of("A", "A") == ("same_file", 422, "请填写两份不同的档案")

    def test_an_unknown_file_is_named(self) -> None:
        patient("A")
        code, status, message = refusal_of("A", "Z")
        assert (code, status) == ("unknown_patient", 404)
        assert "Z" in message

    def test_a_reason_is_needed(self) -> None:
        patient("A"), patient("B")
        assert refusal_of("A", "B", "  ") == ("required", 422, "请填写合并原因")

    def test_a_merged_file_names_the_one_that_is_left(self) -> None:
        linked(patient("A"), patient("B"))
        patient("C")
        said = ("merged_already", 409, "档案 B 已并入 A，请用档案号 A")
        assert refusal_of("C", "B") == said
        assert refusal_of("B", "C") == said

    def test_the_same_two_files_wait_once_whichever_is_kept(self) -> None:
        colleague = user(name="前台小李")
        asked_merge(patient("A"), patient("B"), by=colleague)
        code, status, message = refusal_of("B", "A")
        assert (code, status) == ("file_merge_asked_once", 409)
        assert message.startswith("前台小李 于 ") and message.endswith("正在等待审批")

    def test_what_was_refused_can_be_asked_again(self) -> None:
        kept, absorbed = patient("A"), patient("B")
        decided(asked_merge(kept, absorbed).approval_id, "refuse")
        assert asked_merge(absorbed, kept).approval.is_waiting

    def test_the_file_of_the_member_is_kept(self) -> None:
        patient("A")
        made_member(patient("B"), "M1")
        assert refusal_of("A", "B") == (
            "keep_the_members_file",
            409,
            "档案 B 是会员的（会员号 M1），请保留它，把 A 并入它",
        )

    def test_two_members_may_be_one_person(self) -> None:
        kept, absorbed = patient("A"), patient("B")
        made_member(kept, "M1"), made_member(absorbed, "M2")
        linked(kept, absorbed)
        absorbed.refresh_from_db()
        assert absorbed.merged_into == kept


class TestWithdrawing:
    def test_ones_own_request_can_be_taken_back(self) -> None:
        colleague = user()
        merge = asked_merge(patient("A"), patient("B"), by=colleague)
        withdraw_request(approval_id=merge.approval_id, by=colleague, now=timezone.now())
        assert not FileMerge.objects.waiting().exists()
        assert asked_merge(merge.kept, merge.absorbed).approval.is_waiting

    def test_somebody_elses_request_stays(self) -> None:
        merge = asked_merge(patient("A"), patient("B"), by=user(name="前台小李"))
        with pytest.raises(Refusal, match="这是前台小李的申请，只能由本人撤回"):
            withdraw_request(approval_id=merge.approval_id, by=user(), now=timezone.now())

    def test_requests_of_other_kinds_are_none_of_its_business(self) -> None:
        colleague = user()
        other = Approval.objects.create(
            kind="scheme", summary="x", requested_by=colleague, requested_at=timezone.now()
        )
        with pytest.raises(Refusal, match="没有这项合并申请"):
            withdraw_request(approval_id=other.pk, by=colleague, now=timezone.now())


class TestLinking:
    def test_both_numbers_find_the_one_file(self) -> None:
        kept = patient("A")
        linked(kept, patient("B", name="张三"))
        assert patient_by_file_number("B") == patient_by_file_number("A") == kept

    def test_what_was_merged_before_goes_along(self) -> None:
        a, b, c = patient("A"), patient("B"), patient("C")
        linked(b, c)
        linked(a, b)
        assert roots() == {"A": "A", "B": "A", "C": "A"}
        assert [merge.absorbed.file_number for merge in live_merges_into(a.pk)] == ["B", "C"]

    def test_a_file_merged_meanwhile_is_refused(self) -> None:
        a, b, c = patient("A"), patient("B"), patient("C")
        late = asked_merge(b, c)
        linked(a, b)
        decided(late.approval_id)
        with pytest.raises(Refusal, match="档案 B 已并入 A，请用档案号 A"):
            link(merge=late, now=timezone.now())

    def test_saving_under_the_merged_number_saves_the_file_that_is_left(self) -> None:
        kept = patient("A")
        linked(kept, patient("B"))
        saved = save_patient(
            file_number="B",
            given={"name": "张三丰", "address": "曲靖市"},
            by=user(),
            now=timezone.now(),
        )
        assert (saved.patient, saved.outcome) == (kept, "changed")
        assert Patient.objects.get(file_number="A").address == "曲靖市"
        assert Patient.objects.get(file_number="B").address == ""

    def test_the_books_agree(self) -> None:
        linked(patient("A"), patient("B"))
        unlinked(linked(patient("C"), patient("D")))
        assert list(broken_rows()) == []


class TestParting:
    def test_parting_restores_both(self) -> None:
        merge = unlinked(linked(patient("A"), patient("B")))
        assert merge.undone_at
        assert roots() == {"A": "A", "B": "B"}

    def test_what_was_merged_before_stays_merged(self) -> None:
        a, b, c, d = patient("A"), patient("B"), patient("C"), patient("D")
        linked(b, c)
        linked(a, d)
        unlinked(linked(a, b))
        assert roots() == {"A": "A", "B": "B", "C": "B", "D": "A"}

    def test_later_merges_are_taken_back_first(self) -> None:
        a, b, c = patient("A"), patient("B"), patient("C")
        first = linked(b, c)
        linked(a, b)
        assert refusal_of_undo(first.pk) == (
            "undo_later_first",
            409,
            "档案 B 后来并入了 A，请先撤销之后的合并",
        )

    def test_a_later_merge_after_the_request_stops_it(self) -> None:
        a, b = patient("A"), patient("B")
        merge = asked_undo(linked(b, patient("C")))
        linked(a, b)
        assert merge.undo_approval_id
        decided(merge.undo_approval_id)
        with pytest.raises(Refusal, match="请先撤销之后的合并"):
            unlink(merge=merge, now=timezone.now())

    def test_an_unknown_merge_and_one_that_never_was(self) -> None:
        assert refusal_of_undo(0)[:2] == ("unknown_merge", 404)
        assert refusal_of_undo(asked_merge(patient("A"), patient("B")).pk)[0] == "not_merged"

    def test_it_is_asked_once_at_a_time_and_done_once(self) -> None:
        merge = linked(patient("A"), patient("B"))
        asked = asked_undo(merge, by=user(name="前台小李"))
        assert refusal_of_undo(merge.pk)[0] == "undo_asked_already"
        assert asked.undo_approval_id
        decided(asked.undo_approval_id, "refuse")
        again = asked_undo(merge)
        assert again.undo_approval_id != asked.undo_approval_id
        decided(again.undo_approval_id or 0)
        unlink(merge=again, now=timezone.now())
        assert refusal_of_undo(merge.pk)[0] == "undone_already"

    def test_the_same_files_can_be_merged_once_more(self) -> None:
        a, b = patient("A"), patient("B")
        unlinked(linked(a, b))
        linked(b, a)
        assert roots() == {"A": "B", "B": "B"}
