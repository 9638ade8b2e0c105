"""Gifts handed over, put off, exchanged, taken back (R38, R51, R66)."""

from datetime import datetime

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.models import Membership
from members.rules.signing import Signed
from points.models import TierReview
from points.operations.reviews import decide_review
from rewards.models import Deferral, GiftChange, Issue, Undoing
from rewards.operations.gift_changes import decide_change, request_change, withdraw_change
from rewards.operations.issuing import issue_gifts
from rewards.operations.putting_off import put_off
from rewards.operations.undoing import undo
from rewards.queries import entitlements_of_member
from rewards.queries.issuing import latest_changes, to_recover
from rewards.rules import Key
from rewards.rules.proof import Proof
from staff.exceptions import Refusal
from staff.models import User
from staff.rules import business_day
from tests.factories import points
from tests.factories.members import patient
from tests.factories.staff import user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scheme")]

GIFT_10: Key = ("gift_10", "once:ordinary", 1, None)
GIFT_100: Key = ("gift_100", "once:vip", 1, None)
ON_PAPER = Proof(slip_number="L-0001")


@pytest.fixture
def vip(scheme: object) -> Membership:
    """A member who paid 10,000 yuan after joining with 1,000."""
    file = patient("V1", name="林平")
    made = points.member(file, "1000")
    points.receipt(file, "10000", number="R-vip")
    return made


def handed_over(
    membership: Membership, *keys: Key, by: User, changes: tuple[int, ...] = ()
) -> list[Issue]:
    return issue_gifts(
        membership=membership,
        keys=keys or (GIFT_100,),
        proof=ON_PAPER,
        by=by,
        now=timezone.now(),
        changes=changes,
    )


def states(membership: Membership, now: datetime | None = None) -> dict[Key, str]:
    day = business_day(now or timezone.now())
    return {each.key: each.state for each in entitlements_of_member(membership.pk, day)}


def asked(membership: Membership, by: User, other: str = "gift_50") -> GiftChange:
    return request_change(
        membership=membership,
        key=GIFT_100,
        other=other,
        reason="本人更想要电动牙刷",
        by=by,
        now=timezone.now(),
    )


def agreed(change: GiftChange, approve: bool = True) -> GiftChange:
    return decide_change(
        change_id=change.pk,
        approve=approve,
        sentence="同意",
        by=user("主管"),
        now=timezone.now(),
    )


def taken_back(issue: Issue, kind: str = "mistake", reason: str = "发错人") -> Undoing:
    return undo(
        issue=issue, kind=Undoing.Kind(kind), reason=reason, by=user("前台"), now=timezone.now()
    )


class TestIssuing:
    def test_all_due_gifts_go_out_at_once_with_who_and_the_slip(
        self, vip: Membership, cashier: User
    ) -> None:
        issues = handed_over(vip, GIFT_10, GIFT_100, by=cashier)
        assert {(row.item.code, row.given_item.code) for row in issues} == {
            ("gift_10", "gift_10"),
            ("gift_100", "gift_100"),
        }
        assert {(row.by, row.slip_number, row.signature) for row in issues} == {
            (cashier, "L-0001", None)
        }
        assert {states(vip)[key] for key in (GIFT_10, GIFT_100)} == {"used"}

    def test_a_signature_is_kept_once_for_all(self, vip: Membership, cashier: User) -> None:
        signed = Proof(Signed("领取礼品", "iVBORw0KGgo="))
        issues = issue_gifts(
            membership=vip,
            keys=[GIFT_10, GIFT_100],
            proof=signed,
            by=cashier,
            now=timezone.now(),
        )
        (signature,) = {row.signature for row in issues}
        assert signature and signature.patient == vip.patient and signature.is_whole

    def test_what_was_issued_is_not_due_twice(self, vip: Membership, cashier: User) -> None:
        handed_over(vip, by=cashier)
        with pytest.raises(Refusal, match="发放，不能重复登记"):
            handed_over(vip, GIFT_10, GIFT_100, by=cashier)
        assert Issue.objects.count() == 1  # nothing of the two

    def test_what_no_level_brings_is_refused(self, vip: Membership, cashier: User) -> None:
        with pytest.raises(Refusal, match="没有这一项礼遇"):
            handed_over(vip, ("gift_200", "once:diamond", 1, None), by=cashier)

    def test_a_service_is_not_handed_over_here(self, vip: Membership, cashier: User) -> None:
        with pytest.raises(Refusal, match="院内服务不在这里发放"):
            handed_over(vip, ("facial_care", "once:vip", 1, None), by=cashier)

    def test_nothing_chosen_is_refused(self, vip: Membership, cashier: User) -> None:
        with pytest.raises(Refusal, match="请至少选择一项"):
            issue_gifts(membership=vip, keys=[], proof=ON_PAPER, by=cashier, now=timezone.now())

    def test_while_a_level_is_under_review_its_gift_is_held(
        self, vip: Membership, cashier: User
    ) -> None:
        points.refund("R-vip", "9000")
        with pytest.raises(Refusal, match="级别复核中"):
            handed_over(vip, by=cashier)
        assert handed_over(vip, GIFT_10, by=cashier)

    def test_issuing_takes_the_same_statements_for_one_gift_and_for_two(
        self, vip: Membership, cashier: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        vip = Membership.objects.select_related("patient").get(pk=vip.pk)
        with django_assert_max_num_queries(17):
            handed_over(vip, GIFT_10, GIFT_100, by=cashier)


class TestPuttingOff:
    def test_it_stays_due_and_the_reason_is_kept(self, vip: Membership, cashier: User) -> None:
        now = timezone.now()
        put_off(membership=vip, keys=[GIFT_10, GIFT_100], reason="下次来再领", by=cashier, now=now)
        rows = Deferral.objects.filter(membership=vip)
        assert {(row.item.code, row.period, row.reason) for row in rows} == {
            ("gift_10", "once:ordinary", "下次来再领"),
            ("gift_100", "once:vip", "下次来再领"),
        }
        assert states(vip)[GIFT_100] == "open"

    def test_without_a_reason_or_a_thing_it_is_refused(
        self, vip: Membership, cashier: User
    ) -> None:
        now = timezone.now()
        with pytest.raises(Refusal, match="推迟原因"):
            put_off(membership=vip, keys=[GIFT_10], reason=" ", by=cashier, now=now)
        with pytest.raises(Refusal, match="请至少选择一项"):
            put_off(membership=vip, keys=[], reason="下次", by=cashier, now=now)


class TestUndoing:
    def test_a_wrong_issue_is_due_again_and_both_stay_on_record(
        self, vip: Membership, cashier: User
    ) -> None:
        (issue,) = handed_over(vip, by=cashier)
        taken_back(issue)
        issue.refresh_from_db()
        assert issue.voided and issue.undoing.reason == "发错人"
        assert states(vip)[GIFT_100] == "open"
        assert handed_over(vip, by=cashier)

    def test_twice_or_without_a_reason_it_is_refused(self, vip: Membership, cashier: User) -> None:
        (issue,) = handed_over(vip, by=cashier)
        with pytest.raises(Refusal, match="原因"):
            taken_back(issue, reason="")
        taken_back(issue)
        with pytest.raises(Refusal, match="已经撤销"):
            taken_back(issue)

    def test_a_gift_of_a_level_taken_back_is_to_be_recovered(
        self, vip: Membership, cashier: User
    ) -> None:
        (issue,) = handed_over(vip, by=cashier)
        with pytest.raises(Refusal, match="不在应追回之列"):
            taken_back(issue, "returned", "会员交回")
        level_taken_back(TierReview.Decision.RECOVER)
        assert recoverable(vip) == [issue]
        taken_back(issue, "returned", "会员交回")
        assert recoverable(vip) == []

    def test_a_gift_that_was_waived_is_not(self, vip: Membership, cashier: User) -> None:
        handed_over(vip, by=cashier)
        level_taken_back(TierReview.Decision.WAIVE)
        assert recoverable(vip) == []


def level_taken_back(decision: TierReview.Decision) -> None:
    points.refund("R-vip", "9000")
    review = TierReview.objects.waiting().get()
    decide_review(
        review_id=review.pk, decision=decision, sentence="退费", by=user("主管"), now=timezone.now()
    )


def recoverable(membership: Membership) -> list[Issue]:
    found = entitlements_of_member(membership.pk, business_day(timezone.now()))
    return to_recover(membership.pk, found)


class TestAnotherGift:
    def test_an_agreed_exchange_is_handed_over_once(self, vip: Membership, cashier: User) -> None:
        change = agreed(asked(vip, cashier))
        (issue,) = handed_over(vip, by=cashier, changes=(change.pk,))
        assert (issue.item.code, issue.given_item.code) == ("gift_100", "gift_50")
        taken_back(issue)
        with pytest.raises(Refusal, match="没有有效的批准"):
            handed_over(vip, by=cashier, changes=(change.pk,))

    def test_without_a_managers_word_it_is_refused(self, vip: Membership, cashier: User) -> None:
        change = asked(vip, cashier)
        with pytest.raises(Refusal, match="没有有效的批准"):
            handed_over(vip, by=cashier, changes=(change.pk,))
        agreed(change, approve=False)
        with pytest.raises(Refusal, match="没有有效的批准"):
            handed_over(vip, by=cashier, changes=(change.pk,))

    def test_handing_over_what_was_due_withdraws_the_request(
        self, vip: Membership, cashier: User
    ) -> None:
        change = asked(vip, cashier)
        handed_over(vip, by=cashier)
        change.approval.refresh_from_db()
        assert change.approval.withdrawn_reason == "已按应领的礼品发放"

    def test_the_same_is_asked_once_until_it_is_decided(
        self, vip: Membership, cashier: User
    ) -> None:
        change = asked(vip, cashier)
        with pytest.raises(Refusal, match="正在等待审批"):
            asked(vip, cashier, "gift_10")
        agreed(change, approve=False)
        again = asked(vip, cashier, "gift_10")
        agreed(again)
        with pytest.raises(Refusal, match="已经批准"):
            asked(vip, cashier)
        assert latest_changes(vip.pk)[GIFT_100[:3]].row == again

    def test_only_another_gift_can_be_asked_for(self, vip: Membership, cashier: User) -> None:
        with pytest.raises(Refusal, match="就是应领的礼品"):
            asked(vip, cashier, "gift_100")
        with pytest.raises(Refusal, match="请选择要换发的礼品"):
            asked(vip, cashier, "facial_care")

    def test_a_service_is_not_exchanged(self, vip: Membership, cashier: User) -> None:
        with pytest.raises(Refusal, match="院内服务不在这里发放"):
            request_change(
                membership=vip,
                key=("facial_care", "once:vip", 1, None),
                other="gift_50",
                reason="不想做",
                by=cashier,
                now=timezone.now(),
            )

    def test_the_requester_does_not_decide(self, vip: Membership, manager: User) -> None:
        change = asked(vip, manager)
        with pytest.raises(Refusal, match="申请人不能审批自己的申请"):
            decide_change(
                change_id=change.pk,
                approve=True,
                sentence="同意",
                by=manager,
                now=timezone.now(),
            )

    def test_one_takes_back_ones_own_request_only(self, vip: Membership, cashier: User) -> None:
        change, now = asked(vip, cashier), timezone.now()
        with pytest.raises(Refusal, match="只能由本人撤回"):
            withdraw_change(change_id=change.pk, by=user("前台"), now=now)
        withdraw_change(change_id=change.pk, by=cashier, now=now)
        with pytest.raises(Refusal, match="没有这项换发申请"):
            withdraw_change(change_id=0, by=cashier, now=now)
        with pytest.raises(Refusal, match="这项申请已撤回"):
            agreed(change)
