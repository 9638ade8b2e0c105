"""Gifts and services of the time before, as 市场部 brought them in from the paper lists."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from desk.demo.archive import bring_in_file
from desk.demo.staffing import Staff
from members.models import Membership
from points.models import TierReached
from rewards.queries import entitlements_of
from rewards.rules import Entitlement
from scheme.models import Item
from staff.models import Import
from staff.rules import business_day

_FILE = "已领礼品和服务.xlsx"
# So many of a hundred were collected; the rest waits, or lapsed at the year's end.
_GIFTS, _ONCE_ONLY, _YEARLY = 0.72, 0.35, 0.5
_SOON, _SOME_TIME = 25, 200


@dataclass(frozen=True)
class Collected:
    """Lets most members have collected what they had, until the day before `now`."""

    staff: Staff
    random: Random
    now: datetime

    def bring_in(self, but: Collection[int]) -> None:
        """The file of it, without the members `but`."""
        roots = Membership.objects.filter(patient__merged_into=None).exclude(pk__in=but)
        numbers = dict(roots.order_by("pk").values_list("pk", "patient__file_number"))
        names = dict(Item.objects.values_list("code", "name"))
        rows = [
            {"档案号": numbers[member], "礼品或项目": names[item], "领取日期": day.isoformat()}
            for member, item, day in sorted(self._lines(list(numbers)))
        ]
        for place, row in enumerate(rows, 1):
            row["凭证号"] = f"LQ{place:05d}"
        if rows:
            by, now = self.staff.marketing, self.now - timedelta(days=1)
            bring_in_file(Import.Kind.ISSUES, _FILE, rows, by=by, now=now)

    def _lines(self, members: Collection[int]) -> Iterator[tuple[int, str, date]]:
        yesterday = business_day(self.now) - timedelta(days=2)
        last_year = date(yesterday.year - 1, 12, 31)
        since = _since(members)
        for day in (last_year, yesterday):
            for member, found in entitlements_of(members, day).items():
                for each in found:
                    if each.state != "open" or each.is_redeemed or each.child_id:
                        continue
                    if each.is_yearly or day == yesterday:
                        taken = self._taken(each, since[member], day)
                        if taken and taken <= day:
                            yield member, each.item, taken

    def _taken(self, each: Entitlement, since: Mapping[str, date], until: date) -> date | None:
        """When the member took it; None for what he left."""
        if each.is_yearly:
            begins = max(date(until.year, 1, 1), *since.values())
            if self.random.random() > _YEARLY or str(until.year) != each.period or begins > until:
                return None
            return begins + timedelta(days=self.random.randint(0, (until - begins).days))
        share, days = (_GIFTS, _SOON) if each.kind == "gift" else (_ONCE_ONLY, _SOME_TIME)
        if self.random.random() > share:
            return None
        return since[each.tier] + timedelta(days=self.random.randint(0, days))


def _since(members: Collection[int]) -> dict[int, dict[str, date]]:
    """From which day members have their levels."""
    found: dict[int, dict[str, date]] = {member: {} for member in members}
    held = TierReached.objects.filter(
        membership__in=members, withdrawn_by=None, restated_by=None
    ).order_by("pk")
    for member, tier, day in held.values_list("membership", "tier", "reached_on"):
        found[member][tier] = day
    return found
