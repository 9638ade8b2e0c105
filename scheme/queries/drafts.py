"""Versions that are not published yet, and what they would change."""

import re
from dataclasses import dataclass
from datetime import date

from scheme.models import Item, PriceChange, Scheme
from scheme.queries.compare import Comparison, compare
from scheme.queries.versions import published_rules, read_rules
from scheme.rules import Rules, TierRule
from staff.models import Approval

_DIGITS = re.compile(r"(\d+)")
_PEOPLE = ("changed_by", "approval__requested_by", "approval__decided_by")


@dataclass(frozen=True, slots=True)
class Draft:
    """A line of the list; `is_past`: its day has gone by, so that it can't be published."""

    scheme: Scheme
    is_past: bool


@dataclass(frozen=True, slots=True)
class DraftPage:
    """A version beside the one that it takes the place of.

    `replaced_in_force`: that one is in force today. `until`: a published version that begins
    later still. `is_past`: its day has gone by, so that it can't be published as it is.
    """

    scheme: Scheme
    rules: Rules
    replaced: Scheme
    replaced_in_force: bool
    until: Scheme | None
    is_past: bool
    comparison: Comparison

    @property
    def beside(self) -> str:
        """What the version that it takes the place of is called."""
        if self.replaced_in_force:
            return "现行规则"
        return f"{self.replaced.effective_from} 起的规则"

    @property
    def may_change(self) -> bool:
        """Whether it can be edited."""
        return not self.scheme.published_at and not self.scheme.is_waiting


def drafts(today: date) -> list[Draft]:
    """All drafts, the first to begin first."""
    found = Scheme.objects.drafts().select_related(*_PEOPLE).order_by("effective_from")
    return [Draft(scheme, scheme.effective_from < today) for scheme in found]


def is_published(version_id: int) -> bool:
    """Whether what was a draft has become a version."""
    return Scheme.objects.published().filter(pk=version_id).exists()


def draft_page(draft_id: int, *, today: date) -> DraftPage:
    """A draft's page; raises Scheme.DoesNotExist for what is none, or has none to replace."""
    page = _page(Scheme.objects.drafts().select_related(*_PEOPLE).get(pk=draft_id), today)
    if page is None:
        raise Scheme.DoesNotExist
    return page


def publication_page(approval: Approval, *, today: date) -> DraftPage | None:
    """What a request asks to publish; None when it came to nothing, so that the draft went on."""
    scheme = Scheme.objects.select_related(*_PEOPLE).filter(approval=approval).first()
    if scheme is None or not (scheme.published_at or approval.is_waiting):
        return None
    return _page(scheme, today)


def bases(today: date) -> list[Scheme]:
    """The versions that a draft can begin as: the one in force, then those to come."""
    published = Scheme.objects.published().order_by("effective_from")
    begun = [version for version in published if version.effective_from <= today]
    return begun[-1:] + [version for version in published if version.effective_from > today]


def items() -> list[Item]:
    """All gifts and services, gifts first, as they stand in lists to choose from."""
    return sorted(Item.objects.all(), key=_place)


def _place(item: Item) -> tuple[str, list[tuple[int, str]]]:
    """Gifts before services, by name; the one of 50 yuan before the one of 100."""
    parts = _DIGITS.split(item.name)
    return item.kind, [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def price_changes(count: int = 30) -> list[PriceChange]:
    """The latest changes of prices, the newest first."""
    latest = PriceChange.objects.select_related("item", "by").order_by("-at", "-pk")
    return list(latest[:count])


def tier_of_rank(rules: Rules, rank: int) -> TierRule | None:
    """The level of this rank; None if there is none."""
    return next((tier for tier in rules.tiers if tier.rank == rank), None)


def _page(scheme: Scheme, today: date) -> DraftPage | None:
    others = Scheme.objects.published().exclude(pk=scheme.pk).order_by("effective_from")
    # Begins before all of them: it is compared with the first.
    replaced = others.filter(effective_from__lt=scheme.effective_from).last() or others.first()
    if replaced is None:
        return None
    rules = read_rules(scheme)
    in_force = Scheme.objects.in_force_on(today).first()
    return DraftPage(
        scheme=scheme,
        rules=rules,
        replaced=replaced,
        replaced_in_force=replaced == in_force,
        until=others.filter(effective_from__gt=scheme.effective_from).first(),
        is_past=scheme.effective_from < today,
        comparison=compare(published_rules(replaced.pk), rules),
    )
