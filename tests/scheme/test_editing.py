"""The pages that edit the parts of a draft, as marketing uses them."""

import pytest
from django.test import Client

from scheme.models import Scheme
from scheme.queries import read_rules
from tests.desk.words import words
from tests.scheme import by_page
from tests.scheme.by_page import begun, filled, page_of, saved

pytestmark = pytest.mark.django_db

first, marketing, manager = by_page.first, by_page.marketing, by_page.manager


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
