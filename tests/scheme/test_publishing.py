from datetime import UTC, datetime

import pytest

from scheme.models import Scheme
from scheme.operations.publishing import publish
from staff.exceptions import Refusal
from tests.factories.scheme import BEFORE_2026, colleague, draft, published, published_by_two

pytestmark = pytest.mark.django_db


def test_a_draft_is_published_by_a_second_person() -> None:
    scheme = published_by_two(draft())
    assert scheme.approval is not None
    assert scheme.approval.requested_by.name == "赵敏"
    assert scheme.approval.decided_by == scheme.published_by == colleague("manager", "钱伟")
    assert scheme.published_at == BEFORE_2026


def test_nobody_publishes_what_they_requested_themselves() -> None:
    later, manager = draft(), colleague("manager", "钱伟")
    with pytest.raises(Refusal, match="申请人不能审批自己的申请"):
        publish(scheme=later, requested_by=manager, decided_by=manager, now=BEFORE_2026)
    assert Scheme.objects.get(published_at=None) == later


def test_a_version_is_published_once() -> None:
    later = draft()
    published_by_two(later)
    with pytest.raises(Refusal, match="已发布，不能再次发布") as caught:
        published_by_two(later)
    assert caught.value.status == 409


def test_a_draft_whose_day_has_passed_is_not_published() -> None:
    later = draft()
    with pytest.raises(Refusal, match="生效日期 2026-01-01 已过"):
        publish(
            scheme=later,
            requested_by=colleague("marketing", "赵敏"),
            decided_by=colleague("manager", "钱伟"),
            now=datetime(2026, 1, 1, 16, 0, tzinfo=UTC),
        )


def test_what_is_sealed_is_what_the_rows_say() -> None:
    later = draft()
    later.tiers.filter(code="vip").update(one_time=9000)
    assert '"one_time":9000' in published_by_two(later).content


def test_the_first_version_needs_no_second_person() -> None:
    assert published().approval is None
