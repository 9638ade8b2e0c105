"""A gift is put off, its issue undone, or another one asked for (R38, R66)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Membership
from rewards.models import Deferral, GiftChange, Issue
from rewards.operations.putting_off import put_off
from staff.models import Approval, User
from tests.desk import issuing
from tests.desk.conftest import browser_of
from tests.desk.issuing import BOTH, GIFT_10, GIFT_100, at, handed_over, member_page
from tests.desk.words import words
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

vip = issuing.vip


class TestPuttingOff:
    def test_the_band_is_calm_for_the_day_and_says_why(
        self, as_cashier: Client, cashier: User, vip: Membership
    ) -> None:
        given = {"gifts": [GIFT_10, GIFT_100], "why": "later"}
        page = words(as_cashier.post(at("put_off", vip), given, follow=True))
        assert "请发礼品" not in page
        assert "今天不领 口腔保健礼品（10元） 1 份 口腔保健礼品（100元） 1 份 下次来再领" in page
        assert {row.by for row in Deferral.objects.all()} == {cashier}

    def test_the_next_day_it_is_back_and_says_what_was_said(
        self, as_cashier: Client, cashier: User, vip: Membership
    ) -> None:
        yesterday = timezone.now() - timedelta(days=1)
        put_off(membership=vip, keys=BOTH[:1], reason="赶时间", by=cashier, now=timezone.now())
        Deferral.objects.create(
            membership=vip,
            item=Deferral.objects.get().item,
            period="once:ordinary",
            reason="礼品暂缺",
            put_off_at=yesterday,
            by=cashier,
        )
        page = member_page(as_cashier, vip)
        assert "请发礼品 口腔保健礼品（10元） 1 份 口腔保健礼品（100元） 1 份" in page
        assert "没有领：礼品暂缺" in page

    def test_another_reason_is_written_down(self, as_cashier: Client, vip: Membership) -> None:
        given = {"gifts": [GIFT_10], "why": "other"}
        assert "请写明推迟领取的原因" in words(as_cashier.post(at("put_off", vip), given))
        as_cashier.post(at("put_off", vip), given | {"note": "出差回来再拿"})
        assert Deferral.objects.get().reason == "出差回来再拿"


class TestUndoing:
    def test_a_mistake_is_due_again_and_on_the_daily_list(
        self, as_cashier: Client, as_manager: Client, cashier: User, vip: Membership
    ) -> None:
        issue = handed_over(vip, cashier)[1]
        url = reverse("undo_issue", args=[issue.pk])
        assert "撤销后这件礼品重新变为应发" in words(as_cashier.get(url))
        assert "请填写原因" in words(as_cashier.post(url, {"kind": "mistake"}))
        answer = as_cashier.post(url, {"kind": "mistake", "reason": "发错人"}, follow=True)
        assert "已撤销发放" in words(answer)
        assert "请发礼品 口腔保健礼品（100元） 1 份" in words(answer)
        assert "这次发放已经撤销" in words(as_cashier.get(url))
        page = words(as_manager.get(reverse("oversight")))
        assert "撤销发放 口腔保健礼品（100元） 张三丰 V1" in page
        assert "撤自己登记的 发错人" in page

    def test_what_was_undone_already_says_so(self, as_cashier: Client, vip: Membership) -> None:
        url = reverse("undo_issue", args=[handed_over(vip)[0].pk])
        given = {"kind": "mistake", "reason": "发错人"}
        as_cashier.post(url, given)
        assert "这一项已经撤销" in words(as_cashier.post(url, given))

    def test_an_unknown_issue_is_not_found(self, as_cashier: Client) -> None:
        for pk in (0, 10**30):
            assert as_cashier.get(reverse("undo_issue", args=[pk])).status_code == 404


class TestAnotherGift:
    @pytest.fixture
    def change(self, as_cashier: Client, vip: Membership) -> GiftChange:
        given = {"gift": str(BOTH[1]), "other": "gift_50", "reason": "已有同款"}
        answer = as_cashier.post(at("gift_change", vip), given, follow=True)
        assert "已提交换发申请" in words(answer)
        return GiftChange.objects.get()

    def decided(self, change: GiftChange, decision: str) -> None:
        url = reverse("approval", args=[change.approval_id])
        supervisor = browser_of(user("主管"))
        assert "口腔保健礼品（100元） · VIP会员 价值 100 元" in words(supervisor.get(url))
        given = {"decision": decision, "sentence": "库存充足"}
        assert supervisor.post(url, given).status_code == 302

    def test_a_manager_agrees_and_the_band_says_so(
        self, as_cashier: Client, vip: Membership, change: GiftChange
    ) -> None:
        waiting = "换发申请 口腔保健礼品（100元） → 口腔保健礼品（50元）： 等待审批"
        assert waiting in member_page(as_cashier, vip)
        self.decided(change, "approve")
        page = member_page(as_cashier, vip)
        assert "口腔保健礼品（50元） 1 份" in page
        assert "已批准换发：口腔保健礼品（100元） → 口腔保健礼品（50元）" in page
        given = {"gifts": [f"{GIFT_100}{change.pk}"], "slip_number": "L-1"}
        assert as_cashier.post(at("issue", vip), given).status_code == 302
        assert Issue.objects.get().given_item.code == "gift_50"

    def test_a_page_from_before_the_decision_issues_nothing(
        self, as_cashier: Client, vip: Membership, change: GiftChange
    ) -> None:
        self.decided(change, "approve")
        given = {"gifts": [GIFT_100], "slip_number": "L-1"}
        assert "其中有一项刚刚有变化" in words(as_cashier.post(at("issue", vip), given))
        assert not Issue.objects.exists()

    def test_a_manager_says_no_and_the_band_says_why(
        self, as_cashier: Client, vip: Membership, change: GiftChange
    ) -> None:
        self.decided(change, "refuse")
        page = member_page(as_cashier, vip)
        assert "未获同意，库存充足" in page
        assert "请发礼品 口腔保健礼品（10元） 1 份 口腔保健礼品（100元） 1 份" in page

    def test_the_one_who_asked_takes_it_back(
        self, as_cashier: Client, as_front_desk: Client, vip: Membership, change: GiftChange
    ) -> None:
        url, given = reverse("withdraw_gift_change", args=[change.pk]), {"patient": vip.patient_id}
        assert "只能由本人撤回" in words(as_front_desk.post(url, given, follow=True))
        assert "已撤回换发申请" in words(as_cashier.post(url, given, follow=True))
        assert not Approval.objects.waiting().exists()
        assert as_cashier.post(reverse("withdraw_gift_change", args=[0])).status_code == 404

    def test_a_reason_and_another_gift_are_needed(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        page = words(as_cashier.post(at("gift_change", vip), {"gift": str(BOTH[0])}))
        assert "请选择要换发的礼品" in page and "请填写换发原因" in page
