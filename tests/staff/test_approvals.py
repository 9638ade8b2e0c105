"""Requests that are withdrawn."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from staff.exceptions import Refusal
from staff.models import Approval
from staff.operations.approvals import decide, request_approval, withdraw
from staff.queries import count_waiting
from tests.factories.staff import user

pytestmark = pytest.mark.django_db


def asked() -> Approval:
    return request_approval(kind=Approval.Kind.MERGE, summary="合并", by=user(), now=timezone.now())


def test_a_withdrawn_request_waits_no_more_and_is_final() -> None:
    approval, by, now = asked(), user(), timezone.now()
    withdraw(approval_id=approval.pk, reason="不需要了", by=by, now=now)
    assert count_waiting() == 0
    with pytest.raises(Refusal, match="已撤回，不需要再决定：不需要了"):
        decide(approval_id=approval.pk, decision="merge", sentence="x", by=user(), now=now)
    with pytest.raises(Refusal, match="已撤回"):
        withdraw(approval_id=approval.pk, reason="再来", by=by, now=now)
    with pytest.raises(IntegrityError, match="审批记录不能修改"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(withdrawn_reason="别的")


def test_a_decided_request_is_not_withdrawn() -> None:
    approval, now = asked(), timezone.now()
    decide(approval_id=approval.pk, decision="merge", sentence="x", by=user(), now=now)
    with pytest.raises(Refusal, match="已作出决定"):
        withdraw(approval_id=approval.pk, reason="不要了", by=user(), now=now)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"withdrawn_at": timezone.now()}, "approval_withdrawn_whole"),
        ({"withdrawn_reason": "x"}, "approval_withdrawn_whole"),
    ],
)
def test_a_withdrawal_is_whole(values: dict[str, object], name: str) -> None:
    approval = asked()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(**values)


def test_nothing_is_decided_and_withdrawn_at_once() -> None:
    by, now = user(), timezone.now()
    decided = {"decided_by": by, "decided_at": now, "decision": "x"}
    withdrawn = {"withdrawn_by": by, "withdrawn_at": now, "withdrawn_reason": "x"}
    with pytest.raises(IntegrityError, match="approval_decided_or_withdrawn"), transaction.atomic():
        Approval.objects.filter(pk=asked().pk).update(**decided, **withdrawn)
