"""The pages of drafts and prices, as marketing, a manager and finance use them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.forms import BooleanField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from scheme.models import Item, PriceChange, Scheme
from scheme.queries import read_rules
from staff import roles
from staff.models import Approval
from tests.desk.conftest import browser_of
from tests.desk.words import words
from tests.factories.scheme import draft, published
from tests.factories.staff import user

pytestmark = pytest.mark.django_db

DRAFTS = reverse("scheme:drafts")
ITEMS = reverse("scheme:items")


@pytest.fixture(autouse=True)
def first() -> Scheme:
    return published("qujing_dental_both")


@pytest.fixture
def marketing() -> Client:
    return browser_of(user(roles.MARKETING, name="赵敏"))


@pytest.fixture
def manager() -> Client:
    return browser_of(user(roles.GENERAL_MANAGER, name="钱伟"))


def begun(client: Client, first: Scheme) -> Scheme:
    """A draft that marketing began by the page, to begin in ten days."""
    day = timezone.localdate() + timedelta(days=10)
    given = {"base": first.pk, "title": "新一年", "effective_from": f"{day}"}
    response = client.post(reverse("scheme:draft_new"), given)
    made = Scheme.objects.drafts().get()
    assert response.headers["Location"] == page_of(made)
    return made


def page_of(draft: Scheme, part: str = "draft", *more: int) -> str:
    return reverse(f"scheme:{part}", args=[draft.pk, *more])


def filled(client: Client, address: str, **typed: Any) -> dict[str, Any]:
    """What the browser would send: the form as it stands, with some fields typed over."""
    context = client.get(address).context
    form = context["form"]
    given = {name: form[name].value() for name in form.fields}
    boxes = [name for name, field in form.fields.items() if isinstance(field, BooleanField)]
    given |= {name: "on" if given[name] else None for name in boxes}
    given["rows"] = getattr(form, "count", "")
    return {key: value for key, value in (given | typed).items() if value is not None}


def saved(client: Client, address: str, **typed: Any) -> Any:
    return client.post(address, filled(client, address, **typed))


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


def test_a_day_of_another_age_is_a_slip(marketing: Client, first: Scheme) -> None:
    made = begun(marketing, first)
    response = saved(marketing, page_of(made, "draft_settings"), start_on="0214-01-01")
    assert response.context["form"].errors == {"start_on": ["积分起始日期应为 1990 年以后的日期"]}


def test_one_types_at_once_and_no_stray_key_throws_the_form_away(
    marketing: Client, first: Scheme
) -> None:
    made = begun(marketing, first)
    parts = ("draft_settings", "draft_tiers", "draft_catalogue", "draft_gift_bands")
    for address in (*(page_of(made, part) for part in parts), page_of(made, "draft_benefits", 1)):
        page = marketing.get(address).content.decode()
        assert page.count("autofocus") == 1, address
        assert 'data-key="Esc"' not in page


def test_thresholds_are_edited_together_and_shown_beside_the_old(
    marketing: Client, first: Scheme
) -> None:
    made = begun(marketing, first)
    address = page_of(made, "draft_tiers")
    response = saved(marketing, address, one_time_3="12,000 分", cumulative_3="３0000")
    assert response.context["form"].errors == {
        "cumulative_4": ["25000 应高于下一级别（VIP会员）的 30000"]
    }
    assert saved(marketing, address, one_time_3="12,000 分").status_code == 302
    assert read_rules(made).tier("vip").one_time == 12000
    page = words(marketing.get(page_of(made)))
    assert "与现行规则的不同：2 处" in page
    assert "一次性消费满 10,000 分 或累计达 15,000 分 一次性消费满 12,000 分" in page


def test_benefits_are_added_changed_and_taken_out(marketing: Client, first: Scheme) -> None:
    made = begun(marketing, first)
    address = page_of(made, "draft_benefits", 1)
    typed = {"remove_1": "on", "item_2": "facial_care", "quantity_2": "2", "reception": "专人引导"}
    assert saved(marketing, address, **typed).status_code == 302
    tier = read_rules(made).tier("ordinary")
    assert [(line.item, line.quantity) for line in tier.benefits] == [("facial_care", 2)]
    assert tier.reception == ("专人引导",)


def test_half_a_row_and_a_second_one_are_refused_at_their_place(
    marketing: Client, first: Scheme
) -> None:
    made = begun(marketing, first)
    address = page_of(made, "draft_benefits", 1)
    response = saved(marketing, address, quantity_3="2", item_2="gift_10", quantity_2="0")
    assert response.context["form"].errors == {
        "item_3": ["请选择项目"],
        "quantity_2": ["数量应为 1 至 100 的整数"],
    }
    response = saved(marketing, address, item_2="gift_10", quantity_2="1")
    assert response.context["form"].errors == {"item_2": ["“口腔保健礼品（10元）”出现了不止一次"]}
    assert marketing.get(page_of(made, "draft_benefits", 9)).status_code == 404


def test_prices_in_points_and_gifts_are_edited(marketing: Client, first: Scheme) -> None:
    made = begun(marketing, first)
    assert saved(marketing, page_of(made, "draft_catalogue"), points_1="900").status_code == 302
    gifts = page_of(made, "draft_gift_bands")
    # Gifts are put in order: the first is to be bought last.
    response = saved(marketing, gifts, from_yuan_1="30000", value_yuan_1="300")
    assert response.status_code == 302
    rules = read_rules(made)
    assert rules.catalogue[0].points == 900
    assert [band.from_yuan for band in rules.gift_bands] == [5000, 10000, 20000, 30000]
    response = saved(marketing, gifts, value_yuan_4="1")
    assert response.context["form"].errors == {"item_4": ["消费金额和礼品金额须逐档升高"]}


def test_settings_are_switched(marketing: Client, first: Scheme) -> None:
    made = begun(marketing, first)
    address = page_of(made, "draft_settings")
    typed = {"service_delivery": "card", "once_only_valid_months": "24", "plan_b": None}
    assert saved(marketing, address, **typed).status_code == 302
    rules = read_rules(Scheme.objects.get(pk=made.pk))
    assert (rules.service_delivery, rules.once_only_valid_months) == ("card", 24)
    assert rules.plan_a and not rules.plan_b
    assert rules.general_benefits == read_rules(first).general_benefits
    response = saved(marketing, address, plan_a=None)
    assert response.context["form"].errors == {"plan_a": ["方案A和方案B至少启用一个"]}


def test_without_a_catalogue_plan_b_is_not_switched_on(marketing: Client, first: Scheme) -> None:
    made = begun(marketing, first)
    saved(marketing, page_of(made, "draft_settings"), plan_b=None)
    gone = {f"remove_{number}": "on" for number in range(1, 11)}
    assert saved(marketing, page_of(made, "draft_catalogue"), **gone).status_code == 302
    response = saved(marketing, page_of(made, "draft_settings"), plan_b="on")
    (sentence,) = response.context["form"].errors["plan_b"]
    assert sentence == "启用方案B时，兑换目录不能空着，请先填写兑换目录"


def test_what_a_colleague_changed_meanwhile_is_not_lost(
    marketing: Client, manager: Client, first: Scheme
) -> None:
    made = begun(marketing, first)
    address = page_of(made, "draft_tiers")
    given = filled(marketing, address, one_time_1="900")
    saved(manager, page_of(made, "draft_settings"), points_per_yuan="2")
    response = marketing.post(address, given)
    assert "钱伟 刚才修改了这份草稿" in words(response)
    assert read_rules(made).tier("ordinary").one_time == 1000


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
