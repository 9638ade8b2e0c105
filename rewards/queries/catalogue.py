"""What a member can buy with points today, and what is still missing to each item (R20-R23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from points.queries import Standing, standing
from rewards.rules.redemption import is_unlocked
from scheme.rules import Item, Rules


@dataclass(frozen=True, slots=True)
class Offer:
    """An item with its price for one piece, and the points missing to it; 0 when affordable."""

    item: Item
    points: int
    missing: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A member's points and the catalogue, the nearest first; all figures in points.

    `to_unlock` is missing to 兑换点 on the shorter way, 0 once it is reached.
    """

    available: int
    to_unlock: int
    offers: Sequence[Offer]

    @property
    def in_debt(self) -> bool:
        return self.available < 0

    @property
    def is_open(self) -> bool:
        """Whether anything may be bought at all."""
        return not self.in_debt and not self.to_unlock

    def offer(self, code: str) -> Offer | None:
        return next((offer for offer in self.offers if offer.item.code == code), None)


def catalogue(root_id: int, rules: Rules, *, day: date) -> Catalogue:
    """The catalogue of a version as this member sees it."""
    stand = standing(root_id, day=day)
    offers = [
        Offer(rules.item(line.item), line.points, max(0, line.points - stand.available))
        for line in rules.catalogue
    ]
    offers.sort(key=lambda offer: (offer.item.kind == "gift", offer.points))
    return Catalogue(stand.available, _to_unlock(stand, rules, day), offers)


def _to_unlock(stand: Standing, rules: Rules, day: date) -> int:
    if is_unlocked(rules, one_time=stand.one_time(rules), cumulative=stand.cumulative):
        return 0
    by_visit = rules.redemption_one_time - stand.begun_today(rules, day)
    return min(by_visit, rules.redemption_cumulative - stand.cumulative)
