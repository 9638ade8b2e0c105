"""A published version attacked past the application, by raw SQL and from a second connection."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from scheme.models import Scheme, TierRule
from scheme.operations.publishing import request_publication
from scheme.queries import broken_rows, read_rules
from staff.exceptions import Refusal
from staff.refusals import operation, refusal_for
from tests.factories.scheme import (
    BEFORE_2026,
    colleague,
    draft,
    published,
    published_by_two,
)


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def refused(sql: str) -> str:
    """The sentence that refuses this statement."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        run(sql)
    refusal = refusal_for(caught.value)
    assert refusal is not None
    return refusal.message


ATTACKS = [
    "UPDATE scheme_scheme SET points_per_yuan = 2",
    "UPDATE scheme_scheme SET published_at = NULL, published_by_id = NULL",
    "UPDATE scheme_scheme SET title = title",
    "DELETE FROM scheme_scheme",
    "UPDATE scheme_tierrule SET one_time = 1 WHERE code = 'ordinary'",
    "DELETE FROM scheme_tierbenefit",
    "UPDATE scheme_tierbenefit SET quantity = 99",
    "UPDATE scheme_catalogueitem SET points = 1",
    "DELETE FROM scheme_catalogueitem",
    "UPDATE scheme_giftband SET value_yuan = 9999 WHERE from_yuan = 20000",
    "DELETE FROM scheme_giftband",
    "INSERT INTO scheme_giftband (scheme_id, item_id, from_yuan, value_yuan)"
    " SELECT s.id, i.id, 3, 4 FROM scheme_scheme s, scheme_item i WHERE i.code = 'facial_care'",
    "INSERT INTO scheme_catalogueitem (scheme_id, item_id, points)"
    " SELECT s.id, i.id, 4 FROM scheme_scheme s, scheme_item i WHERE i.code = 'child_anti_caries'",
    "INSERT INTO scheme_tierbenefit (tier_id, item_id, quantity, cycle, for_whom)"
    " SELECT t.id, i.id, 4, 'once', 'member' FROM scheme_tierrule t, scheme_item i"
    " WHERE i.code = 'fissure_sealant'",
    "CREATE TEMPORARY TABLE scheme_scheme AS SELECT 1::bigint AS id, NULL AS published_at;"
    " UPDATE scheme_catalogueitem SET points = 1",
]


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_published_version_and_its_rows_never_change(attack: str) -> None:
    published()
    assert refused(attack) == "规则版本已发布，不能再修改或删除；请另建一个版本"
    assert list(broken_rows()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "table", ["scheme", "tierrule", "tierbenefit", "catalogueitem", "giftband", "item"]
)
def test_no_table_of_the_rules_is_truncated(table: str) -> None:
    published()
    # Row checks that wait for the end of the transaction would refuse TRUNCATE first.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert refused(f"TRUNCATE scheme_{table} CASCADE") == "会员规则不能整表清空"


@pytest.mark.django_db
def test_a_row_is_not_moved_into_a_published_version() -> None:
    later, first = draft(), Scheme.objects.published().get()
    move = f"UPDATE scheme_tierrule SET scheme_id = {first.pk}, rank = rank + 10"
    sentence = "规则的明细不能移到另一个版本或级别"
    assert refused(f"{move} WHERE scheme_id = {later.pk}") == sentence
    tier = TierRule.objects.get(scheme=first, code="vip")
    benefits = f"tier_id IN (SELECT id FROM scheme_tierrule WHERE scheme_id = {later.pk})"
    assert refused(f"UPDATE scheme_tierbenefit SET tier_id = {tier.pk} WHERE {benefits}") == (
        sentence
    )


@pytest.mark.django_db
def test_a_version_is_not_stored_as_published_at_once() -> None:
    first = published()
    copied = Scheme.objects.get(pk=first.pk)
    copied.pk, copied.effective_from = None, first.effective_from.replace(year=2014)
    with pytest.raises(IntegrityError, match="规则版本已发布"), transaction.atomic():
        copied.save(force_insert=True)


@pytest.mark.django_db
def test_a_draft_may_be_edited_and_deleted() -> None:
    later = draft()
    assert later.tiers.update(one_time=1) == 4
    assert later.delete()[0] > 1


def in_a_second_connection(work: Callable[[], object]) -> tuple[threading.Thread, list[Refusal]]:
    """Start `work` beside us and wait until it waits for one of our locks."""
    refusals: list[Refusal] = []

    def beside() -> None:
        try:
            work()
        except Refusal as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=beside)
    thread.start()
    deadline = time.monotonic() + 10
    while not waits_for_us():
        assert time.monotonic() < deadline, "the second connection does not wait for the first"
        time.sleep(0.01)
    return thread, refusals


def waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


@operation
def lower_the_vip_threshold() -> None:
    TierRule.objects.filter(scheme__effective_from="2026-01-01", code="vip").update(one_time=9000)


@pytest.mark.usefixtures("committing")
def test_an_edit_that_races_with_a_publication_is_refused() -> None:
    later = draft()
    with transaction.atomic():
        published_by_two(later)
        thread, refusals = in_a_second_connection(lower_the_vip_threshold)
    thread.join(10)
    assert [refusal.code for refusal in refusals] == ["scheme_published_is_frozen"]
    assert read_rules(later).tier("vip").one_time == 10000
    assert list(broken_rows()) == []


@pytest.mark.usefixtures("committing")
def test_an_edit_that_races_with_a_request_is_refused() -> None:
    later, by = draft(), colleague("marketing", "赵敏")
    with transaction.atomic():
        request_publication(draft_id=later.pk, by=by, now=BEFORE_2026)
        thread, refusals = in_a_second_connection(lower_the_vip_threshold)
    thread.join(10)
    assert [refusal.code for refusal in refusals] == ["scheme_waiting_is_held"]
    assert read_rules(later).tier("vip").one_time == 10000


@pytest.mark.usefixtures("committing")
def test_a_publication_waits_for_an_edit_and_seals_it() -> None:
    later = draft()
    with transaction.atomic():
        lower_the_vip_threshold()
        thread, refusals = in_a_second_connection(lambda: published_by_two(later))
    thread.join(10)
    assert refusals == []
    assert '"one_time":9000,' in Scheme.objects.get(pk=later.pk).content
    assert list(broken_rows()) == []
