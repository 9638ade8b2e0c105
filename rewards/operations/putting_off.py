from collections.abc import Sequence
from datetime import datetime

from members.models import Membership
from rewards.exceptions import nothing_chosen
from rewards.models import Deferral
from rewards.operations.entitled import locked_entitlements
from rewards.queries.issuing import items_of
from rewards.rules import Key
from staff.models import User
from staff.refusals import operation
from staff.rules import text


@operation
def put_off(
    *, membership: Membership, keys: Sequence[Key], reason: str, by: User, now: datetime
) -> list[Deferral]:
    """Write down that the member doesn't take these due things today, and why (R38).

    They stay due. Raises Refusal 422 for a missing reason or where nothing is chosen, 409 where one
    of them is not open.
    """
    reason = text(reason, field="reason", label="推迟原因", longest=200)
    if not keys:
        raise nothing_chosen()
    found = locked_entitlements(membership=membership, keys=keys, now=now)
    items = items_of({each.item for each in found})
    things = dict.fromkeys((each.item, each.period) for each in found)
    return Deferral.objects.bulk_create(
        Deferral(
            membership=membership,
            item=items[code],
            period=period,
            reason=reason,
            put_off_at=now,
            by=by,
        )
        for code, period in things
    )
