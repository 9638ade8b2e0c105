import re
from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from scheme import queries
from scheme.models import Scheme
from staff.rules import digest_of
from tests.factories.scheme import draft, published, published_by_two

pytestmark = pytest.mark.django_db


def test_the_latest_version_that_has_begun_is_in_force() -> None:
    first, later = published(), published_by_two(draft())
    assert queries.rules_on(date(2013, 9, 30)) is None
    for day, scheme in [
        (date(2013, 10, 1), first),
        (date(2025, 12, 31), first),
        (date(2026, 1, 1), later),
        (date(2030, 1, 1), later),
    ]:
        rules = queries.rules_on(day)
        assert rules is not None and rules.version_id == scheme.pk


def test_a_draft_is_never_in_force() -> None:
    draft()
    rules = queries.rules_on(date(2030, 1, 1))
    assert rules is not None and not rules.plan_b


def test_no_version_means_no_rules() -> None:
    assert queries.rules_on(date(2026, 1, 1)) is None


def test_rules_begin_with_the_first_version() -> None:
    published_by_two(draft())
    assert queries.rules_on(date(2013, 9, 30)) is None
    assert queries.rules_on(date(2013, 10, 1)) is not None


def test_the_rules_in_force_cost_one_query_once_they_are_known(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    scheme = published()
    queries.rules_on(date(2026, 1, 1))
    with django_assert_num_queries(1):
        queries.rules_on(date(2026, 1, 1))
    with django_assert_num_queries(0):
        queries.rules_of(scheme.pk)


def test_the_rules_of_a_draft_are_read_anew() -> None:
    later = draft()
    assert queries.rules_of(later.pk).tier("vip").one_time == 10000
    later.tiers.filter(code="vip").update(one_time=9000)
    assert queries.rules_of(later.pk).tier("vip").one_time == 9000


def test_an_unknown_version_is_an_error() -> None:
    with pytest.raises(Scheme.DoesNotExist):
        queries.rules_of(0)


def without_triggers(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_books_of_untouched_rules_are_in_order() -> None:
    published_by_two(draft())
    assert list(queries.broken_rows()) == []


@pytest.mark.parametrize(
    ("attack", "found"),
    [
        (
            "UPDATE scheme_tierrule SET cumulative = 14000 WHERE code = 'vip'",
            "tiers.vip.cumulative 发布时为 15000，现在为 14000",
        ),
        ("UPDATE scheme_scheme SET plan_b = true", "plan_b 发布时为 False，现在为 True"),
        (
            "DELETE FROM scheme_catalogueitem WHERE points = 6000",
            "catalogue.air_polishing.points 发布时为 6000，现在为 None",
        ),
        (
            "UPDATE scheme_item SET name = '牙线' WHERE code = 'gift_10'",
            "items.gift_10.name 发布时为 口腔保健礼品（10元），现在为 牙线",
        ),
        (
            "INSERT INTO scheme_catalogueitem (scheme_id, item_id, points) SELECT s.id, i.id, 1"
            " FROM scheme_scheme s, scheme_item i WHERE i.code = 'child_anti_caries'",
            "catalogue.child_anti_caries.points 发布时为 None，现在为 1",
        ),
        (
            "UPDATE scheme_tierrule SET reception = '{}' WHERE code = 'ordinary'",
            "tiers.ordinary.reception 发布时为 ['参照医院新诊、复诊就诊流程']，现在为 []",
        ),
        ("UPDATE scheme_scheme SET content = 'x'", "发布时的全文与摘要不符"),
        (
            "UPDATE scheme_scheme SET content_digest = repeat('0', 64)",
            "发布时的全文与摘要不符",
        ),
    ],
)
def test_a_row_changed_behind_the_triggers_is_named(attack: str, found: str) -> None:
    scheme = published()
    without_triggers(attack)
    broken = list(queries.broken_rows())
    assert f"规则版本 {scheme.pk}（{scheme}）：{found}" in broken


def test_a_setting_added_by_a_later_release_is_no_broken_row() -> None:
    scheme = published()
    older = re.sub(
        r'"(card_rule|reception|quantity)":("[^"]*"|\[[^]]*\]|\d+),?', "", scheme.content
    )
    older = older.replace(",}", "}")
    assert len(older) < len(scheme.content)
    without_triggers(
        f"UPDATE scheme_scheme SET content = '{older}', content_digest = '{digest_of(older)}'"
    )
    assert list(queries.broken_rows()) == []


def test_a_missing_or_disabled_trigger_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheme_tierrule DISABLE TRIGGER scheme_tierrule_frozen")
        cursor.execute("DROP TRIGGER scheme_giftband_no_truncate ON scheme_giftband")
    assert list(queries.broken_rows()) == [
        "触发器 scheme_giftband_no_truncate 缺失或与发布的版本不符",
        "数据表 scheme_tierrule 的触发器 scheme_tierrule_frozen 被停用",
    ]
