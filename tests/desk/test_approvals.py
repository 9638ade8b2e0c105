import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Patient
from points.models import LegacyConfirmation, TierReview
from points.queries import standing
from rewards.models import Issue
from scheme.models import Item, Scheme
from staff.models import Approval, User
from staff.operations.approvals import request_approval
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories import members, points
from tests.factories.scheme import draft, published_by_two
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

INBOX = reverse("approvals")


def review_by(refunder: User) -> TierReview:
    """A member whose receipt of 6,000 yuan was given back: 高级会员 lost its ground."""
    membership = points.member(members.patient(), "1000", name="李清照")
    points.receipt(membership.patient, "6000", number="R-big")
    points.refund("R-big", "6000", number="T-big", by=refunder)
    return TierReview.objects.get()


@pytest.fixture
def review(scheme: Scheme, cashier: User) -> TierReview:
    return review_by(cashier)


def address(review: TierReview) -> str:
    return reverse("approval", args=[review.approval_id])


def tier(review: TierReview) -> str | None:
    return standing(review.membership.patient_id).tier


def test_an_empty_inbox_says_so(as_manager: Client) -> None:
    assert "没有等待审批的事项" in words(as_manager.get(INBOX))


def test_the_inbox_says_who_asked_for_what_and_when(as_manager: Client, review: TierReview) -> None:
    page = words(as_manager.get(INBOX))
    assert "级别复核" in page and "李清照" in page and "现为高级会员" in page
    assert review.approval.requested_by.name in page
    assert f"{timezone.localtime(review.approval.requested_at):%Y-%m-%d %H:%M}" in page


def test_the_review_shows_what_it_rests_on(as_manager: Client, review: TierReview) -> None:
    page = words(as_manager.get(address(review)))
    assert "一次性消费 7,000 元，直接升级为高级会员" in page
    assert "现在的累计积分 1,000分" in page
    assert "收回时调整为普通会员" in page
    assert "T-big （引起复核） -6,000 分 1,000 分" in page
    assert review.membership.number in page


def test_the_review_shows_which_gifts_are_at_stake(
    as_manager: Client, cashier: User, review: TierReview
) -> None:
    assert "没有领过，不用追回" in words(as_manager.get(address(review)))
    # As if they had been handed over before the refund: what is uncollected is held.
    member, keys = review.membership, {"membership": review.membership, "by": cashier}
    for tier_of, gift in (("ordinary", "gift_10"), ("senior", "gift_50")):
        item = Item.objects.get(code=gift)
        at = {"issued_at": member.enrolled_at, "slip_number": "L1"}
        place = {"period": f"once:{tier_of}", "ordinal": 1}
        Issue.objects.create(**keys, **place, **at, item=item, given_item=item)
    page = words(as_manager.get(address(review)))
    assert "收回级别时涉及的已领礼品 口腔保健礼品（50元） 1 份" in page
    assert "口腔保健礼品（10元）" not in page


@pytest.mark.parametrize(
    ("decision", "label", "held"),
    [
        ("keep", "保留级别", "senior"),
        ("recover", "收回级别，追回已领礼品", "ordinary"),
        ("waive", "收回级别，已领礼品不再追回", "ordinary"),
    ],
)
def test_a_manager_decides(
    as_manager: Client, review: TierReview, decision: str, label: str, held: str
) -> None:
    given = {"decision": decision, "sentence": "老会员，照顾"}
    response = as_manager.post(address(review), given, follow=True)
    page = words(response)
    assert f"已决定：{label}" in page and "没有等待审批的事项" in page
    assert "最近的决定" in page and "老会员，照顾" in page
    assert tier(review) == held
    assert "您的决定" not in words(as_manager.get(address(review)))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"decision": "keep", "sentence": ""}, "请写明审批意见"),
        ({"decision": "keep", "sentence": "   "}, "请写明审批意见"),
        ({"sentence": "照顾"}, "请选择决定"),
        ({"decision": "sell", "sentence": "照顾"}, "sell"),
        ({"decision": "keep", "sentence": "a\0b"}, "审批意见含有无法识别的字符"),
        ({"decision": "keep", "sentence": "长" * 201}, "审批意见最多 200 个字"),
    ],
)
def test_a_decision_without_its_reason_stays_on_the_page(
    as_manager: Client, review: TierReview, given: dict[str, str], sentence: str
) -> None:
    response = as_manager.post(address(review), given)
    assert response.status_code == 200 and sentence in words(response)
    assert Approval.objects.waiting().count() == 1


def test_what_was_typed_is_kept(as_manager: Client, review: TierReview) -> None:
    page = as_manager.post(address(review), {"sentence": "老会员，照顾"}).content.decode()
    assert 'value="老会员，照顾"' in page


def test_nobody_decides_his_own_request(db: None, scheme: Scheme) -> None:
    manager = user("收费", "主管")
    review = review_by(manager)
    client = browser_of(manager)
    assert "请由另一位负责人审批" in words(client.get(address(review)))
    response = client.post(address(review), {"decision": "keep", "sentence": "同意"})
    assert "申请人不能审批自己的申请" in words(response)
    assert tier(review) == "senior" and Approval.objects.waiting().exists()


def test_a_second_decision_is_refused_with_the_name_of_the_first(
    as_manager: Client, review: TierReview
) -> None:
    given = {"decision": "keep", "sentence": "同意"}
    as_manager.post(address(review), given)
    other = browser_of(user("主管"))
    response = other.post(address(review), {"decision": "recover", "sentence": "收回"})
    assert "已作出决定，不能再改" in words(response)
    assert tier(review) == "senior"


def test_a_published_version_is_among_the_decisions(as_manager: Client, scheme: Scheme) -> None:
    published_by_two(draft())
    assert "方案发布" in words(as_manager.get(INBOX))
    approval = Approval.objects.get(kind=Approval.Kind.SCHEME)
    page = words(as_manager.get(reverse("approval", args=[approval.pk])))
    assert "同意发布" in page and "您的决定" not in page


def test_a_waiting_request_of_another_kind_is_only_shown(
    as_manager: Client, scheme: Scheme, cashier: User
) -> None:
    asked = request_approval(
        kind=Approval.Kind.SCHEME, summary="发布规则版本", by=cashier, now=timezone.now()
    )
    where = reverse("approval", args=[asked.pk])
    assert "这一事项在此只能查看" in words(as_manager.get(where))
    as_manager.post(where, {"decision": "keep", "sentence": "同意"})
    assert Approval.objects.waiting().count() == 1


class TestLegacyPoints:
    """A file of points of the system before, which a second person confirms (R3)."""

    @pytest.fixture
    def asked(self, scheme: Scheme, cashier: User) -> LegacyConfirmation:
        people = (members.patient("V1"), 21000), (members.patient("V2"), 30000)
        return points.legacy(*people, by=cashier)

    def test_a_manager_sees_totals_who_and_each_balance(
        self, as_manager: Client, asked: LegacyConfirmation
    ) -> None:
        page = words(as_manager.get(reverse("approval", args=[asked.approval_id])))
        assert "人数 2人" in page and "积分合计 51,000分" in page
        assert asked.imported_in.file_name in page and asked.imported_in.by.name in page
        assert page.index("V2") < page.index("V1")

    @pytest.mark.parametrize(
        ("decision", "label", "counted"),
        [("confirm", "确认转入", 21000), ("reject", "不予转入", 0)],
    )
    def test_only_what_is_confirmed_counts(
        self,
        as_manager: Client,
        asked: LegacyConfirmation,
        decision: str,
        label: str,
        counted: int,
    ) -> None:
        where = reverse("approval", args=[asked.approval_id])
        given = {"decision": decision, "sentence": "与原系统核对过"}
        assert f"已决定：{label}" in words(as_manager.post(where, given, follow=True))
        assert standing(Patient.objects.get(file_number="V1").pk).cumulative == counted

    def test_who_brought_the_file_does_not_confirm_it(self, db: None, scheme: Scheme) -> None:
        marketing = user("市场部", "主管")
        asked = points.legacy((members.patient("V1"), 21000), by=marketing)
        where = reverse("approval", args=[asked.approval_id])
        given = {"decision": "confirm", "sentence": "对"}
        assert "申请人不能审批自己的申请" in words(browser_of(marketing).post(where, given))


@pytest.mark.parametrize("pk", [0, 99999, 10**30])
def test_an_unknown_request_is_not_found(as_manager: Client, pk: int) -> None:
    assert as_manager.get(reverse("approval", args=[pk])).status_code == 404


def test_the_inbox_takes_as_many_queries_for_many_requests(
    as_manager: Client, review: TierReview, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(20):
        request_approval(
            kind=Approval.Kind.SCHEME,
            summary=f"第{number}件",
            by=User.objects.system(),
            now=timezone.now(),
        )
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        as_manager.get(INBOX)
