"""The band at the till and the page that issues (R38, R51)."""

import base64

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Membership, Patient
from points.models import Receipt, TierReview
from points.operations.reviews import decide_review
from rewards.models import Issue
from staff.models import User
from tests.desk import issuing
from tests.desk.issuing import GIFT_10, GIFT_100, at, handed_over, member_page
from tests.desk.words import words
from tests.factories import points
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

DRAWN = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n drawn").decode()

vip = issuing.vip


def receipt_url() -> str:
    return reverse("receipt", args=[Receipt.objects.get(number="R-vip").pk])


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
