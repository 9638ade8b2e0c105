from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from rewards.models import Simulation
from scheme.models import Item, PriceChange, Scheme
from scheme.operations.drafting import change_draft, delete_draft, new_draft
from scheme.operations.items import add_item, set_prices
from scheme.operations.loading import load_scheme
from scheme.operations.publishing import request_publication, withdraw_publication
from scheme.queries import broken_rows, published_rules, read_rules
from scheme.rules import Benefit, CatalogueItem, GiftBand, canonical_text
from staff.exceptions import Refusal
from staff.models import User
from tests.factories.scheme import BEFORE_2026, colleague, document, draft, published

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
LATER = date(2026, 7, 1)
Prices = dict[int, dict[str, Decimal | None]]


def marketing() -> User:
    return colleague("marketing", "赵敏")


def begun(**given: Any) -> Scheme:
    """A draft that is a copy of the version in force, to begin in July."""
    if not Scheme.objects.exists():
        published("qujing_dental_both")
    base = Scheme.objects.published().get()
    values: dict[str, Any] = {"title": "下半年", "effective_from": LATER} | given
    return new_draft(base_id=base.pk, by=marketing(), now=NOW, **values)


def changed(made: Scheme, **changes: Any) -> Scheme:
    """The draft with other values in these fields of its rules."""
    seen = Scheme.objects.get(pk=made.pk).content_digest
    return change_draft(draft_id=made.pk, changes=changes, seen=seen, by=marketing(), now=NOW)


def refused(made: Scheme, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        changed(made, **changes)
    return caught.value


def test_a_draft_begins_as_a_copy_of_the_version_that_was_chosen() -> None:
    made = begun()
    base = published_rules(Scheme.objects.published().get().pk)
    expected = replace(base, title="下半年", effective_from=LATER)
    assert canonical_text(read_rules(made)) == canonical_text(expected)
    assert (made.changed_by, made.changed_at, made.published_at) == (marketing(), NOW, None)


def test_a_draft_does_not_begin_in_the_past() -> None:
    with pytest.raises(Refusal, match="新版本最早从 2026-03-01 起生效") as caught:
        begun(effective_from=date(2026, 2, 28))
    assert caught.value.field == "effective_from"


def test_two_versions_never_begin_on_one_day() -> None:
    begun()
    with pytest.raises(Refusal, match="2026-07-01 起已有草稿“下半年”，请换一个日期") as caught:
        begun(title="另一份")
    assert caught.value.field == "effective_from"


def test_a_part_is_changed_and_the_rest_stays() -> None:
    made = begun()
    before = read_rules(made)
    changed(made, redemption_one_time=1500, catalogue=(CatalogueItem("facial_care", 2500),))
    after = read_rules(Scheme.objects.get(pk=made.pk))
    assert after == replace(
        before,
        redemption_one_time=1500,
        catalogue=(CatalogueItem("facial_care", 2500),),
        items=after.items,
    )


def test_an_item_that_a_draft_no_longer_uses_is_no_longer_part_of_it() -> None:
    made = begun()
    changed(made, catalogue=(CatalogueItem("facial_care", 2500),))
    codes = {item.code for item in read_rules(made).items}
    assert "fissure_sealant" not in codes and "air_polishing" in codes


def test_a_new_item_can_be_sold() -> None:
    made, floss = begun(), add_item(name="冲牙器", kind="gift", unit="台", specialty="")
    assert floss.code == "gift_1"
    changed(made, catalogue=(CatalogueItem(floss.code, 3000),))
    assert read_rules(made).item("gift_1").name == "冲牙器"
    with pytest.raises(Refusal, match="已有叫“冲牙器”的项目"):
        add_item(name="冲牙器", kind="gift", unit="台", specialty="")


def test_all_that_contradicts_is_said_at_once_in_words_of_staff() -> None:
    made = begun()
    tiers = read_rules(made).tiers
    wrong = replace(tiers[2], one_time=50000, cumulative=30000)
    refusal = refused(made, tiers=(*tiers[:2], wrong, tiers[3]), plan_a=False, plan_b=False)
    assert refusal.status == 422
    assert refusal.extra["faults"] == [
        ("plan_a、plan_b", "方案A和方案B至少启用一个"),
        ("tiers[3].one_time", "一次性消费积分不能高于累计积分"),
        ("tiers[4].one_time", "20000 应高于下一级别（VIP会员）的 50000"),
        ("tiers[4].cumulative", "25000 应高于下一级别（VIP会员）的 30000"),
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"catalogue": ()}, "启用方案B时，兑换目录不能空着，请先填写兑换目录"),
        ({"redemption_one_time": 3000}, "一次性消费积分不能高于累计积分"),
        (
            {"catalogue": (CatalogueItem("gift_10", 1), CatalogueItem("gift_10", 2))},
            "“口腔保健礼品（10元）”出现了不止一次",
        ),
        ({"gift_bands": (GiftBand("facial_care", 1, 1),)}, "“美容科面部护理”不是礼品"),
        (
            {"gift_bands": (GiftBand("gift_10", 9, 9), GiftBand("gift_50", 8, 8))},
            "消费金额和礼品金额须逐档升高",
        ),
    ],
)
def test_the_checks_are_those_of_the_file(changes: dict[str, Any], sentence: str) -> None:
    made = begun()
    assert refused(made, **changes).message == sentence
    assert "规则文件" not in sentence


def test_another_day_is_free_and_not_past() -> None:
    made = begun()
    assert "已过" in refused(made, effective_from=date(2026, 2, 1)).message
    begun(title="另一份", effective_from=date(2026, 9, 1))
    assert "请换一个日期" in refused(made, effective_from=date(2026, 9, 1)).message
    assert changed(made, effective_from=date(2026, 8, 1)).effective_from == date(2026, 8, 1)


def test_two_colleagues_at_once_lose_nothing() -> None:
    made = begun()
    seen = made.content_digest
    changed(made, points_per_yuan=2)
    with pytest.raises(Refusal, match="赵敏 刚才修改了这份草稿，您的改动没有保存") as caught:
        change_draft(
            draft_id=made.pk, changes={"points_per_yuan": 3}, seen=seen, by=marketing(), now=NOW
        )
    assert caught.value.status == 409
    assert read_rules(Scheme.objects.get(pk=made.pk)).points_per_yuan == 2


def test_what_is_published_or_gone_is_no_draft() -> None:
    first, by = published(), marketing()
    with pytest.raises(Refusal, match="已发布，不能再次发布或修改"):
        change_draft(draft_id=first.pk, changes={}, seen="", by=by, now=NOW)
    with pytest.raises(Refusal, match="没有这份草稿"):
        delete_draft(draft_id=first.pk + 1)


def test_while_a_request_waits_nothing_of_the_draft_changes() -> None:
    made = begun()
    request_publication(draft_id=made.pk, by=marketing(), now=NOW)
    assert "正在等待审批" in refused(made, points_per_yuan=2).message
    with pytest.raises(Refusal, match="要修改请先撤回申请"):
        delete_draft(draft_id=made.pk)
    text = document("qujing_dental_both", effective_from=f"{LATER}", points_per_yuan="5")
    with pytest.raises(Refusal, match="草稿正在等待审批"):
        load_scheme(document=text, by=marketing(), now=NOW)
    withdraw_publication(draft_id=made.pk, by=marketing(), now=NOW)
    assert changed(made, points_per_yuan=2).points_per_yuan == 2


def test_a_draft_is_deleted_with_its_rows() -> None:
    delete_draft(draft_id=begun().pk)
    assert Scheme.objects.count() == 1


def test_a_draft_stays_while_a_simulation_of_it_is_kept() -> None:
    made = begun()
    Simulation.objects.create(
        draft=made,
        draft_content=made.content,
        from_on=LATER,
        to_on=LATER,
        total=0,
        requested_at=NOW,
        requested_by=marketing(),
    )
    with pytest.raises(Refusal, match="做过 1 次模拟，报告要留存，不能删除"):
        delete_draft(draft_id=made.pk)
    assert changed(made, points_per_yuan=2).points_per_yuan == 2


def test_a_draft_of_a_file_is_edited_like_any_other() -> None:
    made = draft()
    seen = made.content_digest
    tier = read_rules(made).tiers[0]
    brings = replace(tier, benefits=(Benefit("gift_50", 2, "once", "member"),))
    change_draft(
        draft_id=made.pk,
        changes={"tiers": (brings, *read_rules(made).tiers[1:])},
        seen=seen,
        by=marketing(),
        now=BEFORE_2026,
    )
    assert read_rules(made).tiers[0].benefits == brings.benefits


def test_prices_change_on_record() -> None:
    published()
    item = Item.objects.get(code="facial_care")
    prices: Prices = {item.pk: {"list_price": Decimal(120), "cost_price": None}}
    assert len(set_prices(prices=prices, by=marketing(), now=NOW)) == 1
    assert set_prices(prices=prices, by=marketing(), now=NOW) == []
    set_prices(prices={item.pk: {"cost_price": Decimal(40)}}, by=marketing(), now=NOW)
    rows = PriceChange.objects.order_by("pk")
    assert [(r.list_price_was, r.list_price, r.cost_price_was, r.cost_price) for r in rows] == [
        (None, Decimal(120), None, None),
        (Decimal(120), Decimal(120), None, Decimal(40)),
    ]
    assert list(broken_rows()) == []
    Item.objects.filter(pk=item.pk).update(list_price=99)
    assert list(broken_rows()) == ["项目 facial_care（美容科面部护理）的价格与最后一次改动记录不同"]


def test_a_price_is_above_nothing() -> None:
    published()
    item = Item.objects.get(code="facial_care")
    with pytest.raises(Refusal, match="价格必须大于0元"):
        set_prices(prices={item.pk: {"list_price": Decimal(0)}}, by=marketing(), now=NOW)
