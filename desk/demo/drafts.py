"""What items cost, and a draft of next year's rules that was simulated."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from desk.demo.staffing import Staff
from rewards.operations.simulation import advance_simulation, begin_simulation
from scheme.models import Item, Scheme
from scheme.operations.drafting import change_draft, new_draft
from scheme.operations.items import set_prices
from scheme.queries import rules_of
from scheme.rules import Rules
from staff.rules import business_day

# Yuan: what the price list says, and what it costs the hospital.
_PRICES = {
    "ultrasonic_scaling": ("198", "62"),
    "air_polishing": ("298", "95"),
    "fluoride_varnish": ("160", "48"),
    "fissure_sealant": ("120", "35"),
    "child_anti_caries": ("180", "52"),
    "facial_care": ("268", "90"),
    "herbal_therapy": ("128", "40"),
}
_TITLE = "曲靖口腔医院会员制方案（明年草稿）"


def price_items(staff: Staff, now: datetime) -> None:
    """The price list as 财务 typed it in."""
    items = Item.objects.filter(code__in=_PRICES)
    set_prices(
        prices={
            item.pk: dict(
                zip(("list_price", "cost_price"), map(Decimal, _PRICES[item.code]), strict=True)
            )
            for item in items
        },
        by=staff.finance,
        now=now,
    )


def draft_next_year(staff: Staff, now: datetime) -> None:
    """A draft that makes VIP会员 harder and scaling cheaper, and what it would have done."""
    by, today = staff.marketing, business_day(now)
    base = Scheme.objects.in_force_on(today).get()
    draft = new_draft(
        base_id=base.pk,
        title=_TITLE,
        effective_from=today.replace(year=today.year + 1, month=1, day=1),
        by=by,
        now=now,
    )
    draft = change_draft(
        draft_id=draft.pk,
        changes=_changes(rules_of(draft.pk)),
        seen=draft.content_digest,
        by=by,
        now=now,
    )
    first = Scheme.objects.published().order_by("effective_from")[0].effective_from
    simulation = begin_simulation(
        draft=draft, beside=None, from_on=first, to_on=today, by=by, now=now
    )
    while simulation.finished_at is None:
        simulation = advance_simulation(simulation_id=simulation.pk, now=now)


def _changes(rules: Rules) -> dict[str, object]:
    tiers = tuple(
        replace(tier, cumulative=18_000) if tier.code == "vip" else tier for tier in rules.tiers
    )
    catalogue = tuple(
        replace(line, points=4_000) if line.item == "ultrasonic_scaling" else line
        for line in rules.catalogue
    )
    return {"tiers": tiers, "catalogue": catalogue, "once_only_valid_months": 24}
