"""A draft is published on request by a second person, exactly as it was asked for."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from scheme.models import Scheme
from scheme.operations.drafting import new_draft
from scheme.operations.publishing import (
    decide_publication,
    request_publication,
    withdraw_publication,
)
from scheme.queries import broken_rows, rules_on
from staff.exceptions import Refusal
from staff.models import Approval, User
from staff.refusals import refusal_for
from tests.factories.scheme import colleague, published

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
LATER = date(2026, 7, 1)
PUBLISH, DECLINE = Scheme.Decision.PUBLISH, Scheme.Decision.DECLINE


def marketing() -> User:
    return colleague("marketing", "赵敏")


def manager() -> User:
    return colleague("manager", "钱伟")


def asked() -> Scheme:
    """A draft whose publication was requested by marketing."""
    base = published()
    made = new_draft(base_id=base.pk, title="下半年", effective_from=LATER, by=marketing(), now=NOW)
    request_publication(draft_id=made.pk, by=marketing(), now=NOW)
    return Scheme.objects.get(pk=made.pk)


def decided(
    made: Scheme, decision: Scheme.Decision, *, by: User | None = None, now: datetime = NOW
) -> Scheme:
    return decide_publication(
        draft_id=made.pk, decision=decision, sentence="看过了", by=by or manager(), now=now
    )


def test_it_waits_in_the_inbox_and_is_published_by_another() -> None:
    made = asked()
    assert made.approval is not None and made.approval.kind == Approval.Kind.SCHEME
    assert made.approval.summary == "发布规则版本：下半年（2026-07-01 起）"
    decided(made, PUBLISH)
    found = Scheme.objects.published().get(pk=made.pk)
    assert (found.published_by, found.content_digest) == (manager(), made.content_digest)
    assert found.approval is not None and found.approval.sentence == "看过了"
    before, on_its_day = rules_on(date(2026, 6, 30)), rules_on(LATER)
    assert before and on_its_day and on_its_day.version_id == made.pk != before.version_id
    assert list(broken_rows()) == []


def test_declined_it_stays_a_draft_and_can_be_asked_for_again() -> None:
    made = asked()
    assert decided(made, DECLINE).published_at is None
    with pytest.raises(Refusal, match="钱伟 已作出决定"):
        decided(made, PUBLISH)
    request_publication(draft_id=made.pk, by=manager(), now=NOW)
    assert decided(made, PUBLISH, by=marketing()).published_by == marketing()


def test_nobody_decides_on_what_he_asked_for() -> None:
    made = asked()
    with pytest.raises(Refusal, match="申请人不能审批自己的申请"):
        decided(made, PUBLISH, by=marketing())
    assert Scheme.objects.get(pk=made.pk).is_waiting


def test_only_who_asked_takes_it_back() -> None:
    made = asked()
    with pytest.raises(Refusal, match="这是赵敏的申请，只能由本人撤回"):
        withdraw_publication(draft_id=made.pk, by=manager(), now=NOW)
    withdraw_publication(draft_id=made.pk, by=marketing(), now=NOW)
    with pytest.raises(Refusal, match="这项申请已撤回"):
        decided(made, PUBLISH)


def test_a_draft_that_waits_is_not_asked_for_twice() -> None:
    made = asked()
    with pytest.raises(Refusal, match="正在等待审批"):
        request_publication(draft_id=made.pk, by=manager(), now=NOW)


def test_nothing_is_decided_or_taken_back_that_nobody_asked_for() -> None:
    base = published()
    made = new_draft(base_id=base.pk, title="下半年", effective_from=LATER, by=marketing(), now=NOW)
    with pytest.raises(Refusal, match="还没有人申请发布"):
        decided(made, PUBLISH)
    with pytest.raises(Refusal, match="还没有人申请发布"):
        withdraw_publication(draft_id=made.pk, by=marketing(), now=NOW)


def test_a_day_that_went_by_while_it_waited_is_refused() -> None:
    made = asked()
    with pytest.raises(Refusal, match="生效日期 2026-07-01 已过"):
        decided(made, PUBLISH, now=datetime(2026, 7, 2, 4, tzinfo=UTC))
    assert decided(made, DECLINE, now=datetime(2026, 7, 2, 4, tzinfo=UTC)).published_at is None


def test_what_was_changed_past_the_guard_is_not_published() -> None:
    made = asked()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        made.tiers.filter(code="vip").update(one_time=9000)
        cursor.execute("SET session_replication_role = origin")
    with pytest.raises(Refusal, match="内容与申请发布时不同"):
        decided(made, PUBLISH)


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE scheme_scheme SET points_per_yuan = 2 WHERE published_at IS NULL",
        "UPDATE scheme_scheme SET approval_id = NULL WHERE published_at IS NULL",
        "UPDATE scheme_scheme SET published_at = now(), published_by_id = changed_by_id"
        " WHERE published_at IS NULL",
        "DELETE FROM scheme_catalogueitem WHERE scheme_id = {}",
        "UPDATE scheme_tierrule SET one_time = 1 WHERE scheme_id = {}",
        "UPDATE scheme_tierbenefit SET quantity = 9 FROM scheme_tierrule t"
        " WHERE t.id = tier_id AND t.scheme_id = {}",
        "INSERT INTO scheme_giftband (scheme_id, item_id, from_yuan, value_yuan)"
        " SELECT {}, id, 3, 4 FROM scheme_item WHERE code = 'facial_care'",
    ],
)
def test_the_database_holds_a_draft_that_waits(attack: str) -> None:
    made = asked()
    assert refused(attack.format(made.pk)) == "草稿正在等待审批，不能修改或删除；请先撤回申请"


@pytest.mark.parametrize(
    "attack", ["UPDATE scheme_pricechange SET list_price = 1", "DELETE FROM scheme_pricechange"]
)
def test_a_change_of_a_price_stays_on_record(attack: str) -> None:
    published()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scheme_pricechange (item_id, list_price, by_id, at)"
            " SELECT min(i.id), 5, %s, now() FROM scheme_item i",
            [marketing().pk],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert refused(attack) == "价格改动记录只能新增，不能修改或删除"


def refused(sql: str) -> str:
    """The sentence that refuses this statement."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as c:
        c.execute(sql)
    refusal = refusal_for(caught.value)
    assert refusal is not None
    return refusal.message
