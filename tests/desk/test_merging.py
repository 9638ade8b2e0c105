"""Two files of one person on the pages: suspects, comparison, request, decision, parting (C40)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import DistinctFiles, FileMerge, Patient
from points.queries import standing
from scheme.models import Scheme
from staff.models import Approval, User
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories import members, points
from tests.factories.merging import asked_merge, asked_undo
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

SUSPECTS = reverse("suspects")


@pytest.fixture
def two(scheme: Scheme) -> tuple[Patient, Patient]:
    """One person's two files; the receipts of today reach 1,000 together, and alone neither."""
    born: dict[str, Any] = {"birth_date": "1985-03-12", "phone": "13987451234"}
    one, other = members.patient("A", **born), members.patient("B", **born)
    points.receipt(one, "600", number="R-A")
    points.receipt(other, "400", number="R-B")
    return one, other


def compared(one: Patient, other: Patient) -> str:
    return reverse("compare_files", args=[one.pk, other.pk])


def decide(client: Client, approval: Approval | None, decision: str = "approve") -> str:
    assert approval
    where = reverse("approval", args=[approval.pk])
    given = {"decision": decision, "sentence": "已核对证件"}
    return words(client.post(where, given, follow=True))


class TestSuspects:
    def test_pairs_are_listed_masked_with_what_they_share(
        self, as_front_desk: Client, two: tuple[Patient, Patient]
    ) -> None:
        page = words(as_front_desk.get(SUSPECTS))
        assert "待核对 1 对" in page
        assert "电话和出生日期相同 姓名和出生日期相同" in page
        assert "•••••••1234" in page
        assert "13987451234" not in page

    def test_none_says_so(self, as_front_desk: Client) -> None:
        assert "没有疑似重复的档案" in words(as_front_desk.get(SUSPECTS))

    def test_two_numbers_are_looked_up(
        self, as_front_desk: Client, two: tuple[Patient, Patient]
    ) -> None:
        response = as_front_desk.get(SUSPECTS, {"one": "Ｂ", "other": "A"})
        assert response.headers["Location"] == compared(*two)

    @pytest.mark.parametrize(
        ("one", "other", "sentence"),
        [
            ("A", "Z", "没有档案号为 Z 的病人"),
            ("A", "A", "A 和 A 已是同一份档案"),
            ("", "A", "请填写档案号一"),
        ],
    )
    def test_a_wrong_number_is_said_at_its_field(
        self, as_front_desk: Client, two: object, one: str, other: str, sentence: str
    ) -> None:
        assert sentence in words(as_front_desk.get(SUSPECTS, {"one": one, "other": other}))

    def test_many_pairs_take_few_queries(
        self, as_front_desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(15):
            members.patient(f"{number}", birth_date="1985-03-12")
        as_front_desk.get(SUSPECTS)
        with django_assert_max_num_queries(10):
            assert "待核对 105 对" in words(as_front_desk.get(SUSPECTS, {"page": "2"}))


class TestAsking:
    def test_both_files_stand_beside_each_other(
        self, as_front_desk: Client, two: tuple[Patient, Patient]
    ) -> None:
        page = words(as_front_desk.get(compared(*two)))
        assert "累计积分 600 分" in page and "累计积分 400 分" in page
        assert "收据 1 张" in page and "13987451234" not in page

    def test_the_older_file_is_suggested_and_a_reason_asked_for(
        self, as_front_desk: Client, two: tuple[Patient, Patient]
    ) -> None:
        response = as_front_desk.get(compared(*two))
        assert response.context["form"]["kept"].initial == two[0].pk
        assert "请写明原因" in words(as_front_desk.post(compared(*two), {"kept": two[0].pk}))

    def test_the_members_file_alone_can_be_kept(
        self, as_front_desk: Client, two: tuple[Patient, Patient]
    ) -> None:
        points.member(two[1])
        page = as_front_desk.get(compared(*two))
        assert [key for key, _ in page.context["form"].fields["kept"].choices] == [two[1].pk]
        assert "会员的档案须保留" in words(page)

    def test_a_request_waits_for_a_manager_and_can_be_taken_back(
        self, two: tuple[Patient, Patient], db: None
    ) -> None:
        colleague = user("前台", name="前台小李")
        client = browser_of(colleague)
        given = {"kept": two[0].pk, "reason": "电话本人确认"}
        page = words(client.post(compared(*two), given, follow=True))
        assert "已提交申请" in page and "张三丰：档案 B 并入 A" in page and "待核对 0 对" in page
        assert "前台小李 于" in words(client.get(compared(*two)))
        approval = FileMerge.objects.get().approval
        where = reverse("withdraw_merge", args=[approval.pk])
        assert "只能由本人撤回" in words(browser_of(user("前台")).post(where, follow=True))
        assert "已撤回申请：张三丰" in words(client.post(where, follow=True))
        assert "待核对 1 对" in words(client.get(SUSPECTS))

    def test_a_manager_sees_the_files_and_asks_for_nothing(
        self, as_manager: Client, two: tuple[Patient, Patient]
    ) -> None:
        assert "申请合并" not in words(as_manager.get(compared(*two)))
        as_manager.post(compared(*two), {"kept": two[0].pk, "reason": "同一人"})
        assert not FileMerge.objects.exists()

    @pytest.mark.parametrize("pks", [(0, 1), (1, 1), (10**30, 1)])
    def test_files_that_are_not_there_are_not_found(
        self, as_front_desk: Client, pks: tuple[int, int]
    ) -> None:
        where = reverse("compare_files", args=pks)
        assert as_front_desk.get(where).status_code == 404

    def test_two_people_are_said_to_be_two(
        self, as_front_desk: Client, two: tuple[Patient, Patient]
    ) -> None:
        where = reverse("distinct_files", args=[two[0].pk, two[1].pk])
        assert "请写明原因" in words(as_front_desk.post(where, {}))
        page = words(as_front_desk.post(where, {"reason": "孪生姐妹"}, follow=True))
        assert "已登记：A 和 B 不是同一人" in page and "待核对 0 对" in page
        assert DistinctFiles.objects.get().reason == "孪生姐妹"
        assert "依据：孪生姐妹" in words(as_front_desk.get(compared(*two)))


class TestDeciding:
    def test_the_preview_says_what_the_person_comes_to(
        self, as_manager: Client, two: tuple[Patient, Patient]
    ) -> None:
        asked = asked_merge(*two)
        page = words(as_manager.get(reverse("approval", args=[asked.approval_id])))
        assert "保留：A 600分" in page and "并入：B 400分" in page
        assert "合并后 1,000分 可以入会" in page
        assert "同一人建了两份档案" in page and "电话和出生日期相同" in page

    def test_agreed_the_person_can_join_and_parted_not_any_more(
        self, as_manager: Client, as_front_desk: Client, two: tuple[Patient, Patient]
    ) -> None:
        merge = asked_merge(*two)
        assert "已决定：同意" in decide(as_manager, merge.approval)
        page = words(as_front_desk.get(reverse("patient", args=[two[1].pk]), follow=True))
        assert "这份档案已并入档案 A" in page and "可以入会" in page and "1,000分" in page
        assert "已并入的档案" in page and "撤销合并" in page

        where = reverse("undo_merge", args=[merge.pk])
        assert "请写明原因" in words(as_front_desk.post(where, {}))
        page = words(as_front_desk.post(where, {"reason": "是母女两人"}, follow=True))
        assert "已提交申请" in page and "撤销申请等待审批" in page
        merge.refresh_from_db()
        shown = words(as_manager.get(reverse("approval", args=[merge.undo_approval_id])))
        assert "现在：A 1,000分" in shown and "是母女两人" in shown
        assert "已决定：同意" in decide(as_manager, merge.undo_approval)
        assert [standing(file.pk).cumulative for file in two] == [600, 400]
        page = words(as_front_desk.get(reverse("patient", args=[two[1].pk])))
        assert "还差 600 分可以入会" in page

    def test_refused_everything_stays(
        self, as_manager: Client, two: tuple[Patient, Patient]
    ) -> None:
        merge = asked_merge(*two)
        page = decide(as_manager, merge.approval, "refuse")
        assert "已决定：不同意" in page and "已核对证件" in page
        assert [standing(file.pk).cumulative for file in two] == [600, 400]
        assert "合并后" not in words(as_manager.get(reverse("approval", args=[merge.approval_id])))

    def test_nobody_decides_his_own_request(self, db: None, two: tuple[Patient, Patient]) -> None:
        manager = user("前台", "主管")
        merge = asked_merge(*two, by=manager)
        page = decide(browser_of(manager), merge.approval)
        assert "申请人不能审批自己的申请" in page
        assert FileMerge.objects.get().merged_at is None

    def test_files_merged_meanwhile_are_refused_with_the_way_on(
        self, as_manager: Client, two: tuple[Patient, Patient]
    ) -> None:
        third = members.patient("C")
        late = asked_merge(two[1], third)
        decide(as_manager, asked_merge(*two).approval)
        assert "档案 B 已并入 A，请用档案号 A" in decide(as_manager, late.approval)
        assert late.approval.is_waiting

    def test_what_was_withdrawn_is_shown_and_not_decided(
        self, as_manager: Client, db: None, two: tuple[Patient, Patient]
    ) -> None:
        colleague = user("前台")
        merge = asked_merge(*two, by=colleague)
        browser_of(colleague).post(reverse("withdraw_merge", args=[merge.approval_id]))
        page = words(as_manager.get(reverse("approvals")))
        assert "已撤回" in page and "申请人撤回" in page
        assert "这项申请已撤回" in decide(as_manager, merge.approval)
        shown = words(as_manager.get(reverse("approval", args=[merge.approval_id])))
        assert "已撤回" in shown and "您的决定" not in shown

    def test_a_refused_parting_keeps_its_page_when_asked_again(
        self, as_manager: Client, two: tuple[Patient, Patient]
    ) -> None:
        merge = asked_merge(*two)
        decide(as_manager, merge.approval)
        first = asked_undo(FileMerge.objects.get()).undo_approval
        decide(as_manager, first, "refuse")
        asked_undo(FileMerge.objects.get())
        assert first
        page = words(as_manager.get(reverse("approval", args=[first.pk])))
        assert "不同意" in page and "并入的档案" in page


class TestFinding:
    def test_a_merged_number_leads_to_the_file_that_is_left(
        self, as_manager: Client, as_front_desk: Client, two: tuple[Patient, Patient]
    ) -> None:
        decide(as_manager, asked_merge(*two).approval)
        found = words(as_front_desk.get(reverse("patients"), {"q": "B"}, follow=True))
        assert "档案号 B 已并入 A" in found
        members.patient("C", phone="13987451234")
        listed = words(as_front_desk.post(reverse("search"), {"q": "13987451234"}))
        assert "B 已并入" in listed and "找到 2 位" in listed

    def test_the_ledger_of_a_merged_file_can_still_be_read(
        self, as_manager: Client, two: tuple[Patient, Patient]
    ) -> None:
        decide(as_manager, asked_merge(*two).approval)
        where = reverse("absorbed_ledger", args=[FileMerge.objects.get().pk])
        assert where in as_manager.get(reverse("patient", args=[two[0].pk])).content.decode()
        page = words(as_manager.get(where))
        assert "R-B" in page and "并出" in page and "R-A" not in page

    @pytest.mark.parametrize("name", ["undo_merge", "absorbed_ledger"])
    def test_an_unknown_merge_is_not_found(self, as_front_desk: Client, name: str) -> None:
        assert as_front_desk.get(reverse(name, args=[99999])).status_code == 404


def test_requests_name_who_asked_by_the_time_of_the_hospital(
    as_front_desk: Client, two: tuple[Patient, Patient]
) -> None:
    merge = asked_merge(*two, by=User.objects.system())
    at = timezone.localtime(merge.approval.requested_at)
    assert f"{at:%Y-%m-%d %H:%M}" in words(as_front_desk.get(SUSPECTS))
