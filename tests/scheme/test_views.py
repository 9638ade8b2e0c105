import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from scheme.models import Scheme
from staff import roles
from tests.factories.scheme import colleague, draft, published, published_by_two

pytestmark = pytest.mark.django_db

IN_FORCE = reverse("scheme:in_force")


def log_in(client: Client, role: str) -> Client:
    """The browser of a colleague who has this role."""
    user = colleague("front", "孙丽")
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


@pytest.fixture
def staff(client: Client) -> Client:
    return log_in(client, roles.FRONT_DESK)


def page(client: Client, address: str = IN_FORCE) -> str:
    """The words of a page, with single spaces."""
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def address(scheme: Scheme) -> str:
    return reverse("scheme:version", args=[scheme.pk])


def test_who_may_not_see_the_rules_is_turned_away(client: Client) -> None:
    published()
    log_in(client, roles.HIS)
    assert client.get(IN_FORCE).status_code == 403
    assert client.get(address(Scheme.objects.get())).status_code == 403


def test_the_pages_only_read(staff: Client) -> None:
    published()
    assert staff.post(IN_FORCE).status_code == 405
    assert staff.post(address(Scheme.objects.get())).status_code == 405


def test_the_page_says_how_to_join_and_what_each_level_brings(staff: Client) -> None:
    published()
    words = page(staff)
    assert "自 2013-10-01 起生效" in words and "现行版本" in words
    assert "每消费一元记 <strong>1</strong> 分" in words
    assert "一次性消费满 1,000 分" in words and "或累计达 2,000 分" in words
    assert "一次性消费满 20,000 分" in words and "或累计达 25,000 分" in words
    assert "<strong>每年</strong>：超声波洁牙（带抛光脱敏） 2 次" in words
    assert "家中 12 岁以下（含 12 岁）的儿童，<strong>每年</strong>：防龋保健项目" in words
    assert "到次年自动取消" in words
    assert "不存在兑换积分和可用积分" in words


def test_the_catalogue_shows_only_while_plan_b_is_on(staff: Client) -> None:
    first = published()
    assert "积分兑换（方案B）" not in page(staff)
    both = published_by_two(draft())
    assert "积分兑换（方案B）" not in page(staff, address(first))
    assert "喷砂洁牙（带抛光脱敏）" in page(staff, address(both))
    assert "6,000 分/次" in page(staff, address(both))


def test_plan_b_alone_promises_no_gifts_for_levels(staff: Client) -> None:
    published("qujing_dental_b", effective_from="2013-10-01")
    words = page(staff)
    assert "赠送" not in words
    assert "积分兑换（方案B）" in words and "每次在VIP诊室就诊" in words


def test_versions_to_come_and_past_are_listed(staff: Client) -> None:
    first = published()
    to_come = published_by_two(draft(effective_from="2999-01-01"))
    words = page(staff)
    assert f'href="{address(to_come)}"' in words and "（尚未生效）" in words
    assert f'href="{address(first)}" aria-current="page"' in words and "（现行）" in words
    assert "不是现行版本" in page(staff, address(to_come))


def test_a_draft_is_not_shown(staff: Client) -> None:
    later = draft()
    assert staff.get(address(later)).status_code == 404
    assert later.title not in page(staff)


@pytest.mark.parametrize("pk", [0, 99999, 10**30])
def test_an_unknown_version_is_not_found(staff: Client, pk: int) -> None:
    assert staff.get(reverse("scheme:version", args=[pk])).status_code == 404


def test_without_any_rules_the_page_says_what_to_do(staff: Client) -> None:
    assert "今天还没有生效的会员规则" in page(staff)


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("enrol_rule", '"everyone"', "凡到我院就诊的患者"),
        ("card_rule", '"none"', "不发放实体卡"),
        ("card_rule", '"all"', "所有会员发放会员卡"),
        ("one_time_scope", '"receipt"', "一张收据的金额"),
        ("once_only_valid_months", "24", "24 个月内有效"),
        ("grant_skipped", "true", "越过级别的礼品和一次性服务一并赠送"),
        ("child_item_scope", '"per_household"', "每个家庭每年一份"),
        ("child_birthday_ends", "true", "未满 12 周岁"),
        ("service_delivery", '"card"', "领取服务项目卡片"),
    ],
)
def test_each_choice_of_the_hospital_is_put_into_words(
    staff: Client, setting: str, value: str, sentence: str
) -> None:
    published(**{setting: value})
    assert sentence in page(staff)


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("redemption_start", '"cumulative"', "从方案B启用时的累计积分开始"),
        ("redeemed_valid_months", "12", "兑换的服务 12 个月内有效"),
    ],
)
def test_each_choice_for_plan_b_is_put_into_words(
    staff: Client, setting: str, value: str, sentence: str
) -> None:
    published("qujing_dental_both", **{setting: value})
    assert sentence in page(staff)
