"""Each constraint attacked past the application, on a draft, where rows may still change."""

from typing import Any, get_args

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from scheme import models, rules
from scheme.models import Item, Scheme, item, scheme, tier
from staff.models import User
from staff.refusals import refusal_for
from tests.factories.scheme import draft, published

pytestmark = pytest.mark.django_db


def broken_by(rows: Any, **values: Any) -> str:
    """The sentence that refuses this update."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        rows.update(**values)
    refusal = refusal_for(caught.value)
    assert refusal is not None
    return refusal.message


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"plan_a": False, "plan_b": False}, "方案A和方案B至少启用一个"),
        ({"effective_from": "2013-10-01"}, "已有同一天生效的规则版本"),
        ({"points_per_yuan": 0}, "每元积分、原积分最低分数和兑换点须为正整数"),
        ({"legacy_min_points": 0}, "每元积分、原积分最低分数和兑换点须为正整数"),
        ({"redemption_one_time": 0}, "每元积分、原积分最低分数和兑换点须为正整数"),
        ({"redemption_one_time": 3000}, "兑换点的一次性消费积分不能高于累计积分"),
        ({"cleaning_cycle_months": 0}, "周期和有效期至少1个月"),
        ({"once_only_valid_months": 0}, "周期和有效期至少1个月"),
        ({"redeemed_valid_months": 0}, "周期和有效期至少1个月"),
        ({"child_age_limit": 0}, "儿童年龄上限须在1至17周岁之间"),
        ({"child_age_limit": 18}, "儿童年龄上限须在1至17周岁之间"),
        ({"content_digest": "x"}, "规则版本缺少全文摘要"),
        ({"one_time_scope": "week"}, "只能选择：同一天的收费合计、单张收据"),
        ({"enrol_rule": "x"}, "只能选择：达到普通会员的积分、所有就诊患者"),
        ({"child_item_scope": "x"}, "只能选择：每个孩子一份、每个家庭一份"),
        ({"cost_bearer": "x"}, "只能选择：市场活动、医生个人"),
        ({"price_basis": "x"}, "只能选择：价目表价格、成本"),
        ({"redemption_start": "x"}, "只能选择：从零开始、从累计积分开始"),
        ({"card_rule": "x"}, "只能选择：不发放、VIP及以上会员、所有会员"),
        ({"service_delivery": "x"}, "只能选择：电子登记、服务项目卡片"),
    ],
)
def test_a_version_is_never_nonsense(values: dict[str, Any], sentence: str) -> None:
    assert broken_by(Scheme.objects.filter(pk=draft().pk), **values) == sentence


def test_a_publication_names_its_time_and_its_publisher() -> None:
    rows = Scheme.objects.filter(pk=draft().pk)
    assert broken_by(rows, published_at=timezone.now()) == "发布人和发布时间须一并填写"
    system = User.objects.system()
    assert broken_by(rows, published_by=system) == "发布人和发布时间须一并填写"


def test_who_changed_a_draft_is_known_with_the_time_or_not_at_all() -> None:
    rows = Scheme.objects.filter(pk=draft().pk)
    assert (
        broken_by(rows, changed_at=timezone.now(), changed_by=None) == "修改人和修改时间须一并填写"
    )
    assert broken_by(rows, changed_at=None, changed_by=User.objects.system()) == (
        "修改人和修改时间须一并填写"
    )


def test_changes_of_prices_stay_on_record() -> None:
    published()
    item_ = Item.objects.get(code="facial_care")
    system = User.objects.system()
    models.PriceChange.objects.create(item=item_, list_price=300, by=system, at=timezone.now())
    changes = models.PriceChange.objects.all()
    assert broken_by(changes, list_price=1) == "价格改动记录只能新增，不能修改或删除"
    with pytest.raises(IntegrityError, match="不能修改或删除"), transaction.atomic():
        changes.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="不能整表清空"), transaction.atomic():
            cursor.execute("TRUNCATE scheme_pricechange")


def test_only_the_first_version_is_published_without_approval() -> None:
    rows = Scheme.objects.filter(pk=draft().pk)
    system = User.objects.system()
    sentence = broken_by(rows, published_at=timezone.now(), published_by=system)
    assert sentence == "只有第一个规则版本可以不经审批发布"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"code": "senior"}, "同一版本中一个级别只能出现一次"),
        ({"code": "gold"}, "级别代码只能是 ordinary、senior、vip、diamond"),
        ({"rank": 2}, "同一版本中级别的顺序不能重复"),
        ({"rank": 0}, "级别的顺序和积分须为正整数"),
        ({"one_time": 0}, "级别的顺序和积分须为正整数"),
        ({"one_time": 2001}, "一次性消费积分不能高于累计积分"),
    ],
)
def test_a_level_is_never_nonsense(values: dict[str, Any], sentence: str) -> None:
    ordinary = models.TierRule.objects.filter(scheme=draft(), code="ordinary")
    assert broken_by(ordinary, **values) == sentence


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"quantity": 0}, "待遇的数量至少为1"),
        ({"cycle": "monthly"}, "只能选择：一次、每年"),
        ({"for_whom": "dog"}, "只能选择：会员本人、会员家中儿童"),
    ],
)
def test_a_benefit_is_never_nonsense(values: dict[str, Any], sentence: str) -> None:
    benefits = models.TierBenefit.objects.filter(tier__scheme=draft())
    assert broken_by(benefits, **values) == sentence


def test_a_level_brings_an_item_in_one_line() -> None:
    benefits = models.TierBenefit.objects.filter(tier__scheme=draft(), tier__code="vip")
    gift = Item.objects.get(code="gift_10")
    assert broken_by(benefits, item=gift) == "同一级别中一个项目只能出现一次"


def test_a_price_is_never_nonsense() -> None:
    lines = models.CatalogueItem.objects.filter(scheme=draft())
    gift = Item.objects.get(code="gift_10")
    assert broken_by(lines, points=0) == "兑换积分至少为1"
    assert broken_by(lines, item=gift) == "同一版本的兑换目录中一个项目只能出现一次"


def test_a_gift_band_is_never_nonsense() -> None:
    bands = models.GiftBand.objects.filter(scheme=draft())
    gift = Item.objects.get(code="gift_10")
    assert broken_by(bands, value_yuan=0) == "礼品档的金额须为正整数"
    assert broken_by(bands, from_yuan=0) == "礼品档的金额须为正整数"
    assert broken_by(bands, from_yuan=7) == "同一版本中两档礼品的消费金额不能相同"
    assert broken_by(bands, item=gift) == "同一版本中一个礼品只能属于一档"


def test_an_item_is_never_nonsense() -> None:
    published()
    with pytest.raises(IntegrityError, match="scheme_item_code_unique"), transaction.atomic():
        Item.objects.create(code="gift_10", name="x", kind="gift", unit="份")
    with pytest.raises(IntegrityError, match="scheme_item_code_plain"), transaction.atomic():
        Item.objects.create(code="Gift 10", name="x", kind="gift", unit="份")
    with pytest.raises(IntegrityError, match="scheme_item_kind_known"), transaction.atomic():
        Item.objects.create(code="floss", name="x", kind="toy", unit="份")
    assert broken_by(Item.objects.all(), list_price=0) == "价格必须大于0元"
    assert broken_by(Item.objects.all(), cost_price=-1) == "成本不能小于0元"
    assert Item.objects.update(cost_price=0)


def test_an_items_words_are_fixed_but_its_list_price_is_not() -> None:
    published()
    items = Item.objects.filter(code="facial_care")
    assert "不能修改，请另建一个项目" in broken_by(items, name="面部护理")
    assert "不能修改，请另建一个项目" in broken_by(items, code="face")
    assert items.update(list_price="380.00") == 1


def test_rows_are_called_what_staff_call_them() -> None:
    assert str(published()) == "曲靖口腔医院会员制方案（方案A）（2013-10-01 起）"
    assert str(models.TierRule.objects.latest("rank")) == "钻石VIP会员"
    assert str(models.TierBenefit.objects.earliest("pk")) == "口腔保健礼品（10元） 1"
    assert str(models.CatalogueItem.objects.earliest("pk")) == "口腔保健礼品（10元） 1000分"
    assert str(models.GiftBand.objects.earliest("pk")) == "1000元：口腔保健礼品（10元）"


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (scheme.ONE_TIME_SCOPES, rules.OneTimeScope),
        (scheme.ENROL_RULES, rules.EnrolRule),
        (scheme.CHILD_ITEM_SCOPES, rules.ChildItemScope),
        (scheme.COST_BEARERS, rules.CostBearer),
        (scheme.PRICE_BASES, rules.PriceBasis),
        (scheme.REDEMPTION_STARTS, rules.RedemptionStart),
        (scheme.CARD_RULES, rules.CardRule),
        (scheme.SERVICE_DELIVERIES, rules.ServiceDelivery),
        (item.KINDS, rules.ItemKind),
        (tier.CYCLES, rules.Cycle),
        (tier.FOR_WHOM, rules.ForWhom),
    ],
)
def test_the_columns_know_the_same_words_as_the_rules(
    choices: list[tuple[str, str]], words: object
) -> None:
    assert tuple(value for value, _ in choices) == get_args(words)


def test_postgresql_15_is_enough() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert int(cursor.fetchone()[0]) >= 150000
