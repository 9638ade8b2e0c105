"""Settling what was used (划价结算, R52): a slip with price, waiver and bearer; nothing is paid."""

from collections.abc import Collection
from datetime import datetime

from members.models import Patient
from rewards.models import Settlement, Use
from rewards.queries.uses import waiting_uses_of
from staff.exceptions import Refusal
from staff.models import User
from staff.refusals import operation


@operation
def settle(*, patient: Patient, use_ids: Collection[int], by: User, now: datetime) -> Settlement:
    """Put these uses of one person on a slip; no points are given.

    Raises Refusal 422 for none, 409 where one is settled, undone, or somebody else's.
    """
    if not use_ids:
        raise Refusal("nothing_to_settle", 422, "请至少选择一项服务结算", "uses")
    wanted = Use.objects.select_for_update(of=("self",)).filter(pk__in=use_ids).order_by("pk")
    uses = list(wanted)
    settled = next((use for use in uses if use.settlement_id), None)
    if settled:
        message = f"其中有服务已经结算（结算单 {settled.settlement}），请刷新页面后核对"
        raise Refusal("already_settled", 409, message, extra={"settlement": settled.settlement_id})
    own = set(waiting_uses_of(patient.pk).values_list("pk", flat=True))
    if {use.pk for use in uses} != set(use_ids) or not set(use_ids) <= own:
        message = "其中有服务已经撤销，或不是这位病人的，请刷新页面后核对"
        raise Refusal("not_to_settle", 409, message)
    settlement = Settlement.objects.create(beneficiary=patient, settled_at=now, by=by)
    wanted.update(settlement=settlement)
    return settlement
