"""The pages of drafts, of their publication and of prices, as those who use them see them."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheme.models import Item, PriceChange, Scheme
from staff import roles
from staff.models import Approval
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.scheme import draft
from tests.factories.staff import user
from tests.scheme import by_page
from tests.scheme.by_page import begun, page_of, saved

pytestmark = pytest.mark.django_db

first, marketing, manager = by_page.first, by_page.marketing, by_page.manager

DRAFTS = reverse("scheme:drafts")
ITEMS = reverse("scheme:items")


def test_the_list_says_how_to_begin_and_then_what_is_there(
    marketing: Client, first: Scheme
) -> None:
    assert "没有草稿" in words(marketing.get(DRAFTS))
    begun(marketing, first)
    page = words(marketing.get(DRAFTS))
    assert "新一年" in page and "赵敏" in page


def test_the_list_costs_the_same_however_long_it_is(
    marketing: Client, first: Scheme, django_assert_num_queries: Any
) -> None:
    begun(marketing, first)
    with CaptureQueriesContext(connection) as one:
        marketing.get(DRAFTS)
    draft(effective_from="2030-01-01")
    with django_assert_num_queries(len(one)):
        marketing.get(DRAFTS)


def test_a_wrong_day_is_said_at_its_field(marketing: Client, first: Scheme) -> None:
    given = {"base": first.pk, "title": "新一年", "effective_from": "2020-01-01"}
    response = marketing.post(reverse("scheme:draft_new"), given)
    (sentence,) = response.context["form"].errors["effective_from"]
    assert sentence.startswith("生效日期 2020-01-01 已过")


def test_it_is_compared_in_full(marketing: Client, first: Scheme) -> None:
    made = begun(marketing, first)
    page = words(marketing.get(page_of(made, "compare")))
    assert "共 1 处不同" in page and "喷砂洁牙（带抛光脱敏）" in page


def test_from_the_draft_to_the_rules_in_two_pairs_of_hands(
    marketing: Client, manager: Client, first: Scheme
) -> None:
    made = begun(marketing, first)
    saved(marketing, page_of(made, "draft_catalogue"), points_1="900")
    assert "2 处按新规则办理" in words(marketing.get(page_of(made, "request_publication")))
    marketing.post(page_of(made, "request_publication"))
    page = words(marketing.get(page_of(made)))
    assert "等待另一位负责人审批" in page and "撤回申请" in page and "要改哪一项" not in page
    assert marketing.get(page_of(made, "draft_tiers")).status_code == 302
    asked = reverse("approval", args=[Approval.objects.get().pk])
    page = words(manager.get(asked))
    assert "1,000 分/份 900 分/份" in page and "您的决定" in page
    manager.post(asked, {"decision": "publish", "sentence": "看过了"})
    assert Scheme.objects.published().count() == 2
    assert marketing.get(page_of(made)).headers["Location"] == page_of(made, "version")
    assert marketing.get(page_of(made, "draft_tiers")).status_code == 404
    assert "900 分/份" in words(manager.get(asked)) and "同意发布" in words(manager.get(asked))


def test_declined_it_says_why_and_goes_on(
    marketing: Client, manager: Client, first: Scheme
) -> None:
    made = begun(marketing, first)
    marketing.post(page_of(made, "request_publication"))
    asked = reverse("approval", args=[Approval.objects.get().pk])
    manager.post(asked, {"decision": "decline", "sentence": "请先模拟"})
    page = words(marketing.get(page_of(made)))
    assert "上次申请没有同意" in page and "请先模拟" in page and "要改哪一项" in page
    assert "不同意" in words(manager.get(asked))


def test_a_manager_does_not_decide_on_his_own_request(manager: Client, first: Scheme) -> None:
    made = begun(manager, first)
    manager.post(page_of(made, "request_publication"))
    asked = reverse("approval", args=[Approval.objects.get().pk])
    assert "这是您自己的申请" in words(manager.get(asked))
    manager.post(asked, {"decision": "publish", "sentence": "同意"})
    assert Scheme.objects.published().count() == 1


def test_it_is_taken_back_or_thrown_away(marketing: Client, first: Scheme) -> None:
    made = begun(marketing, first)
    marketing.post(page_of(made, "request_publication"))
    marketing.post(page_of(made, "draft_delete"))
    assert Scheme.objects.drafts().exists()
    marketing.post(page_of(made, "withdraw_publication"))
    assert "不能恢复" in words(marketing.get(page_of(made, "draft_delete")))
    marketing.post(page_of(made, "draft_delete"))
    assert not Scheme.objects.drafts().exists()


def test_a_new_item_is_there_to_choose(marketing: Client, first: Scheme) -> None:
    given = {"name": "冲牙器", "kind": "gift", "unit": "台", "specialty": ""}
    assert marketing.post(reverse("scheme:item_new"), given).status_code == 302
    made = begun(marketing, first)
    assert "冲牙器" in words(marketing.get(page_of(made, "draft_gift_bands")))
    response = marketing.post(reverse("scheme:item_new"), given)
    assert response.context["form"].errors == {"name": ["已有叫“冲牙器”的项目"]}


def test_finance_sets_prices_and_sees_who_did() -> None:
    finance = browser_of(user(roles.FINANCE, name="孙丽"))
    item = Item.objects.get(code="facial_care")
    name = f"list_price_{item.pk}"
    empty = {f"initial-{name}": ""}
    response = finance.post(ITEMS, empty | {name: "1.234"})
    assert response.context["form"].errors == {name: ["价目表价格应为金额，例如 120 或 99.50"]}
    response = finance.post(ITEMS, empty | {name: "-5"})
    assert response.context["form"].errors == {name: ["价目表价格不能小于 0.01 元"]}
    finance.post(ITEMS, empty | {name: "￥1,200元"})
    item.refresh_from_db()
    assert item.list_price == 1200
    page = words(finance.get(ITEMS))
    assert "未知 → 1200.00" in page and "孙丽" in page


def test_a_price_that_a_colleague_set_meanwhile_is_kept() -> None:
    finance = browser_of(user(roles.FINANCE))
    item = Item.objects.get(code="facial_care")
    listed, cost = f"list_price_{item.pk}", f"cost_price_{item.pk}"
    shown = {f"initial-{listed}": "", f"initial-{cost}": ""}
    finance.post(ITEMS, shown | {listed: "100", cost: ""})
    finance.post(ITEMS, shown | {listed: "", cost: "30"})
    item.refresh_from_db()
    assert (item.list_price, item.cost_price) == (Decimal(100), Decimal(30))
    assert PriceChange.objects.count() == 2


@pytest.mark.parametrize("role", [roles.FRONT_DESK, roles.FINANCE, roles.DOCTOR])
def test_who_does_not_change_the_rules_does_not_see_drafts(
    marketing: Client, first: Scheme, role: str
) -> None:
    made, other = begun(marketing, first), browser_of(user(role))
    for part in ("draft", "compare", "draft_tiers", "request_publication", "draft_delete"):
        assert other.get(page_of(made, part)).status_code == 403
    assert other.get(DRAFTS).status_code == 403
