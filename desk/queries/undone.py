"""Issues, claims and uses that were taken back on a day, for the daily list (C39)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from members.models import Patient
from rewards.models import Claim, Issue, Undoing, Use
from scheme.models import Item
from staff.models import User

_MISTAKES = {Issue: "撤销发放", Claim: "撤销领取", Use: "撤销使用"}


@dataclass(frozen=True, slots=True)
class Undone:
    """A counter-entry with what it took back."""

    made: Undoing
    fact: Issue | Claim | Use

    @property
    def what(self) -> str:
        """What was done, in one word."""
        if self.made.kind == Undoing.Kind.LOST:
            return "服务卡挂失"
        if self.made.kind == Undoing.Kind.RETURNED:
            return "追回礼品"
        return _MISTAKES[type(self.fact)]

    @property
    def item(self) -> Item:
        """What was handed over or used."""
        return self.fact.given_item if isinstance(self.fact, Issue) else self.fact.item

    @property
    def patient(self) -> Patient:
        """The member's file."""
        return self.fact.membership.patient

    @property
    def done_at(self) -> datetime:
        """When it had been handed over, collected or used."""
        if isinstance(self.fact, Issue):
            return self.fact.issued_at
        return self.fact.claimed_at if isinstance(self.fact, Claim) else self.fact.used_at

    @property
    def done_by(self) -> User:
        """Who had registered it."""
        return self.fact.by

    @property
    def is_own(self) -> bool:
        """Whether somebody took back what he had registered."""
        return self.made.by_id == self.fact.by_id


def undone_between(window: tuple[datetime, datetime]) -> Sequence[Undone]:
    """What was taken back in this span of time, in the order of the counter-entries."""
    facts = ("issue", "claim", "use")
    related = [
        *(f"{fact}__membership__patient" for fact in facts),
        *(f"{fact}__by" for fact in facts),
        "issue__given_item",
        "claim__item",
        "use__item",
    ]
    rows = Undoing.objects.filter(recorded_at__range=window).select_related("by", *related)
    return [
        Undone(row, fact)
        for row in rows.order_by("pk")
        if (fact := row.issue or row.claim or row.use)
    ]
