"""The band at the till, the page that issues, and what can be done about a gift (R38, R51, R66)."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Membership, Patient
from points.models import Receipt, TierReview
from points.operations.reviews import decide_review
from rewards.models import Deferral, GiftChange, Issue
from rewards.operations.issuing import issue_gifts
from rewards.operations.putting_off import put_off
from rewards.rules import Key
from rewards.rules.proof import Proof
from staff.models import Approval, User
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories import points
from tests.factories.members import patient
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

DRAWN = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n drawn").decode()
GIFT_10, GIFT_100 = "gift_10|once:ordinary|1|", "gift_100|once:vip|1|"
BOTH: list[Key] = [("gift_10", "once:ordinary", 1, None), ("gift_100", "once:vip", 1, None)]


@pytest.fixture
def vip(scheme: object) -> Membership:
    """A member who joined with 1,000 yuan and then paid 10,000."""
    file = patient("V1", name="张三丰")
    made = points.member(file, "1000")
    points.receipt(file, "10000", number="R-vip")
    return made


def receipt_page(client: Client) -> str:
    return words(client.get(receipt_url()))


def receipt_url() -> str:
    return reverse("receipt", args=[Receipt.objects.get(number="R-vip").pk])


def member_page(client: Client, vip: Membership) -> str:
    return words(client.get(reverse("patient", args=[vip.patient_id])))


def at(name: str, vip: Membership) -> str:
    return reverse(name, args=[vip.patient_id])


def handed_over(vip: Membership, by: User | None = None) -> list[Issue]:
    return issue_gifts(
        membership=vip,
        keys=BOTH,
        proof=Proof(slip_number="L-0001"),
        by=by or user("收费"),
        now=timezone.now(),
    )


class TestTheBand:
    def test_after_a_payment_it_says_what_to_hand_over_and_what_else_is_open(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        page = as_cashier.get(receipt_url())
        said = words(page)
        assert "请发礼品 口腔保健礼品（10元） 1 份 口腔保健礼品（100元） 1 份" in said
        assert "普通会员、VIP会员" in said
        assert "可用服务 美容科面部护理 1 次 中医科中草药热疗 1 次 超声波洁牙" in said
        receipt = Receipt.objects.get(number="R-vip").pk
        assert f'href="{at("issue", vip)}?receipt={receipt}"' in page.content.decode()

    def test_the_next_key_is_the_gift_then_the_card(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        keys = as_cashier.get(receipt_url()).content.decode()
        assert keys.count('data-key="F2"') == 1 and "已发卡" in keys
        handed_over(vip)
        keys = as_cashier.get(receipt_url()).content.decode()
        assert keys.count('data-key="F2"') == 1 and "请发礼品" not in keys

    def test_someone_who_is_no_member_has_none(self, as_cashier: Client, someone: Patient) -> None:
        page = words(as_cashier.get(reverse("patient", args=[someone.pk])))
        assert "请发礼品" not in page and "可用服务" not in page

    def test_who_may_not_issue_reads_it_calmly(self, as_doctor: Client, vip: Membership) -> None:
        page = member_page(as_doctor, vip)
        assert "请发礼品" not in page and "发放礼品" not in page
        assert "待发礼品 口腔保健礼品（10元） 1 份" in page

    def test_what_a_review_holds_is_said_with_the_reason(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        points.refund("R-vip", "9000")
        page = member_page(as_cashier, vip)
        assert "请发礼品 口腔保健礼品（10元） 1 份 普通会员" in page
        held = page.partition("暂停领取 ")[2].partition("级别复核中，决定之前暂停")[0]
        assert "口腔保健礼品（100元） 1 份" in held and "超声波洁牙（带抛光脱敏） 2 次" in held

    def test_gifts_to_be_recovered_are_listed_until_they_are_back(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        _, issue = handed_over(vip)
        points.refund("R-vip", "9000")
        decide_review(
            review_id=TierReview.objects.waiting().get().pk,
            decision=TierReview.Decision.RECOVER,
            sentence="退费",
            by=user("主管"),
            now=timezone.now(),
        )
        page = member_page(as_cashier, vip)
        assert "应追回的礼品" in page and "口腔保健礼品（100元） 1 份" in page
        assert "今天已发 口腔保健礼品（10元） 撤销" in page.partition("应追回的礼品")[2]
        url = reverse("undo_issue", args=[issue.pk])
        assert "追回礼品" in words(as_cashier.get(url))
        answer = as_cashier.post(url, {"kind": "returned", "reason": "会员交回"}, follow=True)
        assert "已登记追回" in words(answer) and "应追回的礼品" not in words(answer)

    def test_it_takes_few_statements(
        self,
        as_cashier: Client,
        vip: Membership,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        as_cashier.get(receipt_url())
        with django_assert_max_num_queries(30):
            as_cashier.get(receipt_url())


class TestIssuing:
    def test_a_slip_number_and_enter_issue_what_is_ticked(
        self, as_cashier: Client, cashier: User, vip: Membership
    ) -> None:
        page = as_cashier.get(at("issue", vip)).content.decode()
        assert page.count("checked") == 2 and "data-signing-at-once" in page
        receipt = Receipt.objects.get(number="R-vip").pk
        given = {"gifts": [GIFT_10, GIFT_100], "slip_number": "L-0009", "receipt": receipt}
        answer = as_cashier.post(at("issue", vip), given, follow=True)
        assert answer.redirect_chain == [(receipt_url(), 302)]
        said = words(answer)
        assert "已发放：口腔保健礼品（10元） 1 份、口腔保健礼品（100元） 1 份" in said
        assert "请发礼品" not in said and "今天已发 口腔保健礼品（10元）" in said
        assert {(row.slip_number, row.by) for row in Issue.objects.all()} == {("L-0009", cashier)}

    def test_who_signed_on_paper_is_asked_for_the_slip_next_time(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        as_cashier.post(at("issue", vip), {"gifts": [GIFT_10], "slip_number": "L-0009"})
        page = as_cashier.get(at("issue", vip)).content.decode()
        assert "data-signing-at-once" not in page and "autofocus" in page

    def test_a_signature_is_under_the_text_that_stood_on_the_screen(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        given = {"gifts": [GIFT_100]}
        page = words(as_cashier.post(at("issue_text", vip), given))
        assert "曲靖口腔医院会员礼品签收单 会员：张三丰" in page
        assert "· 口腔保健礼品（100元） 1 份（VIP会员）" in page
        signed = {**given, "signature": DRAWN, "signed_text": page}
        assert as_cashier.post(at("issue", vip), signed).status_code == 302
        signature = Issue.objects.get().signature
        assert signature and signature.text.split() == page.split()

    def test_who_ticks_another_gift_afterwards_signs_again(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        shown = words(as_cashier.post(at("issue_text", vip), {"gifts": [GIFT_100]}))
        given = {"gifts": [GIFT_10], "signature": DRAWN, "signed_text": shown}
        assert "签字后内容又改过，请会员重新签字" in words(as_cashier.post(at("issue", vip), given))
        assert not Issue.objects.exists()

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"gifts": [GIFT_10]}, "请会员在屏幕上签字，或填写纸质凭证号"),
            ({"slip_number": "L-1"}, "请至少选择一件礼品"),
            ({"gifts": ["gift_200|once:diamond|1|"], "slip_number": "L-1"}, "刚刚有变化"),
            ({"gifts": [GIFT_10], "signature": "x", "signed_text": "x"}, "请会员重新签字"),
        ],
    )
    def test_what_is_missing_is_said_at_its_field(
        self, as_cashier: Client, vip: Membership, given: dict[str, object], said: str
    ) -> None:
        assert said in words(as_cashier.post(at("issue", vip), given))
        assert not Issue.objects.exists()

    def test_before_signing_something_must_be_ticked(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        page = words(as_cashier.post(at("issue_text", vip), {}))
        assert "请先把这一页填好，再签字" in page and "请至少选择一件礼品" in page

    def test_what_a_colleague_issued_meanwhile_is_not_issued_again(
        self, as_cashier: Client, vip: Membership
    ) -> None:
        handed_over(vip)
        given = {"gifts": [GIFT_10], "slip_number": "L-0009"}
        page = words(as_cashier.post(at("issue", vip), given))
        assert "今天已经发过：口腔保健礼品（10元） 1 份、口腔保健礼品（100元） 1 份" in page
        assert "现在没有要发的礼品" in page and Issue.objects.count() == 2

    def test_only_members_have_the_pages(self, as_cashier: Client, someone: Patient) -> None:
        for name in ("issue", "put_off", "gift_change"):
            assert as_cashier.get(reverse(name, args=[someone.pk])).status_code == 404

    def test_issuing_takes_few_statements(
        self,
        as_cashier: Client,
        vip: Membership,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        given = {"gifts": [GIFT_10, GIFT_100], "slip_number": "L-0009"}
        with django_assert_max_num_queries(55):
            as_cashier.post(at("issue", vip), given)


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
